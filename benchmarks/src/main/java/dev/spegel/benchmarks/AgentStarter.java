package dev.spegel.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Starts agents on loopback that find each other by a fixed list. */
final class AgentStarter {
    /** All that an agent can be told to send at a time, so that nobody is answered 429: what is measured is speed, not limits. */
    private static final int MAX_UPLOAD_STREAMS = 64;

    private final Path launcher;
    private final Path directory;

    /** @param directory for what the agents say */
    AgentStarter(Path launcher, Path directory) {
        this.launcher = launcher;
        this.directory = directory;
    }

    /** Starts one that serves a layout and knows these others. */
    MeasuredProcess start(String name, Path layout, List<InetSocketAddress> peers)
            throws IOException, InterruptedException {
        int port = MeasuredProcess.freePort();
        // The list can't be empty: whoever has no peers gets one that isn't there.
        List<InetSocketAddress> known = peers.isEmpty()
                ? List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), MeasuredProcess.freePort()))
                : peers;
        List<String> command = List.of(
                launcher.toString(),
                "registry",
                "--store=oci-layout",
                "--oci-layout-path=" + layout,
                "--router=static",
                "--static-router-peers="
                        + known.stream().map(AgentStarter::hostAndPort).collect(Collectors.joining(",")),
                "--max-upload-streams=" + MAX_UPLOAD_STREAMS,
                "--registry-addr=127.0.0.1:" + port,
                "--metrics-addr=127.0.0.1:" + MeasuredProcess.freePort());
        return MeasuredProcess.start(name, port, Files.createTempFile(directory, "agent-", ".log"), command);
    }

    private static String hostAndPort(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }
}
