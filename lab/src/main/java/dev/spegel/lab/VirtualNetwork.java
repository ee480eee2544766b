package dev.spegel.lab;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Some machines on one switch, made of network namespaces: each with addresses of its own. It needs root, iproute2 and util-linux.
 * Nothing of the machine's own network is touched; the switch is a bridge in one more namespace.
 */
public final class VirtualNetwork implements Closeable {
    static final Path NAMESPACES = Path.of("/run/netns");

    /** Of every namespace, with the process that made it, so that a later run can tell what a killed one left. */
    private static final String PREFIX = "spegel-";

    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String prefix = PREFIX + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet() + "-";
    private final String hub = prefix + "hub";
    private final List<Machine> machines = new ArrayList<>();

    private VirtualNetwork() {}

    /** A switch without machines. */
    public static VirtualNetwork create() throws IOException, InterruptedException {
        removeLeftovers();
        VirtualNetwork network = new VirtualNetwork();
        Command.run("ip", "netns", "add", network.hub);
        Command.run("ip", "-n", network.hub, "link", "add", "switch", "type", "bridge");
        Command.run("ip", "-n", network.hub, "link", "set", "switch", "up");
        return network;
    }

    /** Connects one more machine. At most 200, which is where the addresses end. */
    public Machine add() throws IOException, InterruptedException {
        int number = machines.size() + 1;
        if (number > 200) {
            throw new IllegalStateException("a network has at most 200 machines");
        }
        Machine machine = new Machine(prefix + number, number, "10.77.0." + number, "fd77::" + number);
        String port = "port" + number;
        String there = machine.namespace();
        Command.run("ip", "netns", "add", there);
        machines.add(machine);
        Command.run("ip", "link", "add", "eth0", "netns", there, "type", "veth", "peer", "name", port, "netns", hub);
        Command.run("ip", "-n", hub, "link", "set", port, "master", "switch", "up");
        Command.run("ip", "-n", there, "link", "set", "lo", "up");
        Command.run("ip", "-n", there, "link", "set", "eth0", "up");
        Command.run("ip", "-n", there, "addr", "add", machine.ip4() + "/24", "dev", "eth0");
        if (hasIpv6()) {
            // Without waiting whether somebody else has the address.
            Command.run("ip", "-n", there, "addr", "add", machine.ip6() + "/64", "dev", "eth0", "nodad");
        }
        return machine;
    }

    /** Whether the machines have IPv6 addresses too. */
    public static boolean hasIpv6() {
        return Files.exists(Path.of("/proc/sys/net/ipv6"));
    }

    /** Pulls a machine's cable, without anybody being told; or plugs it in again. */
    public void plug(Machine machine, boolean in) throws IOException, InterruptedException {
        Command.run("ip", "-n", hub, "link", "set", "port" + machine.number(), in ? "up" : "down");
    }

    /** Takes the machines down. What runs there must have ended. */
    @Override
    public void close() throws IOException {
        try {
            for (Machine machine : machines) {
                Command.run("ip", "netns", "delete", machine.namespace());
            }
            Command.run("ip", "netns", "delete", hub);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while taking down " + prefix);
        }
    }

    private static void removeLeftovers() throws IOException, InterruptedException {
        if (!Files.isDirectory(NAMESPACES)) {
            return;
        }
        List<String> names;
        try (Stream<Path> files = Files.list(NAMESPACES)) {
            names = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches(PREFIX + "\\d{1,9}-.*"))
                    .toList();
        }
        for (String name : names) {
            long pid = Long.parseLong(name.split("-", -1)[1]);
            if (ProcessHandle.of(pid).isEmpty()) {
                Command.run("ip", "netns", "delete", name);
            }
        }
    }
}
