package dev.spegel.lab;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One machine of a {@link VirtualNetwork}: a network namespace with one interface. Files are those of the real machine.
 *
 * @param namespace its name, as {@code ip netns} has it
 * @param number from 1, in the order in which they were added
 */
public record Machine(String namespace, int number, String ip4, String ip6) {
    /** How to start a program there. It takes the place of what starts it: its process ID is the one that the caller sees. */
    public List<String> command(List<String> command) {
        List<String> there =
                new ArrayList<>(List.of("nsenter", "--net=" + VirtualNetwork.NAMESPACES.resolve(namespace)));
        there.addAll(command);
        return there;
    }

    /** Runs a program there to its end, which must succeed, and returns what it printed. */
    public String run(String... command) throws IOException, InterruptedException {
        return Command.run(command(List.of(command)).toArray(String[]::new));
    }

    /** How many TCP segments have arrived there so far, also on ports where nobody listens. */
    public long receivedSegments() throws IOException, InterruptedException {
        List<String> lines = run("cat", "/proc/net/snmp")
                .lines()
                .filter(line -> line.startsWith("Tcp:"))
                .toList();
        int column = List.of(lines.get(0).split(" ", -1)).indexOf("InSegs");
        return Long.parseLong(lines.get(1).split(" ", -1)[column]);
    }
}
