package dev.spegel.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spegel.lab.Daemon;
import dev.spegel.lab.Machine;
import dev.spegel.lab.VirtualNetwork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Each holder on a machine of its own, in a network namespace, that sends at most so much ({@code tc-tbf}(8)); the nodes and their
 * clients share one more. It takes root, iproute2 and util-linux.
 */
final class LimitedHerd implements Herd {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final int HOLDER_PORT = 5000;
    private static final int FIRST_NODE_PORT = 5001;

    private final Path directory;
    private final VirtualNetwork network;
    private final Machine clients;
    private final List<Daemon> agents = new ArrayList<>();
    private final List<String> holders = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();

    private LimitedHerd(Path directory, VirtualNetwork network) throws IOException, InterruptedException {
        this.directory = directory;
        this.network = network;
        clients = network.add();
    }

    static LimitedHerd start(
            AgentStarter starter, Path directory, int limitMbit, int holders, int nodes, Path layout, Path empty)
            throws Exception {
        VirtualNetwork network = VirtualNetwork.create();
        LimitedHerd herd = null;
        boolean started = false;
        try {
            herd = new LimitedHerd(directory, network);
            for (int i = 0; i < holders; i++) {
                herd.addHolder(starter, limitMbit, layout);
            }
            for (int i = 0; i < nodes; i++) {
                int port = FIRST_NODE_PORT + i;
                herd.start("node " + i, herd.clients, port, starter.command("127.0.0.1:" + port, empty, herd.holders));
                herd.ports.add(port);
            }
            started = true;
            return herd;
        } finally {
            if (!started) {
                if (herd == null) {
                    network.close();
                } else {
                    herd.close();
                }
            }
        }
    }

    private void addHolder(AgentStarter starter, int limitMbit, Path layout) throws Exception {
        Machine machine = network.add();
        // The bucket holds what goes out between two ticks of the kernel's clock and a segment of 64 KiB; tc-tbf(8).
        machine.run(
                "tc",
                "qdisc",
                "add",
                "dev",
                "eth0",
                "root",
                "tbf",
                "rate",
                limitMbit + "mbit",
                "burst",
                "512kb",
                "latency",
                "50ms");
        String address = machine.ip4() + ":" + HOLDER_PORT;
        start("holder " + holders.size(), machine, HOLDER_PORT, starter.command(address, layout, List.of()));
        holders.add(address);
    }

    private void start(String name, Machine machine, int port, List<String> command) throws Exception {
        Path log = Files.createTempFile(directory, "agent-", ".log");
        Daemon agent = Daemon.start(name, log, Map.of(), machine.command(command));
        agents.add(agent);
        agent.await("it listens on port " + port, START_LIMIT, () -> listens(agent.pid(), port));
    }

    /** Whether anybody listens there in the network namespace of this process: proc(5), {@code /proc/net/tcp}. */
    private static boolean listens(long pid, int port) throws IOException {
        String listening = String.format(Locale.ROOT, ":%04X .* 0A ", port);
        for (String file : List.of("tcp", "tcp6")) {
            Path sockets = Path.of("/proc/" + pid + "/net/" + file);
            if (Files.exists(sockets)
                    && Files.readAllLines(sockets).stream()
                            .anyMatch(line -> line.matches(" *\\d+: [0-9A-F]+" + listening + ".*"))) {
                return true;
            }
        }
        return false;
    }

    @Override
    public List<String> holders() {
        return holders;
    }

    @Override
    public List<Integer> ports() {
        return ports;
    }

    @Override
    public HerdLoad.Result run(HerdLoad load) throws Exception {
        ObjectMapper json = new ObjectMapper();
        Path file = Files.createTempFile(directory, "load-", ".json");
        json.writeValue(file.toFile(), load);
        String result = clients.run(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                HerdLoad.class.getName(),
                file.toString());
        return json.readValue(result, HerdLoad.Result.class);
    }

    @Override
    public void close() {
        agents.forEach(Daemon::close);
        try {
            network.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
