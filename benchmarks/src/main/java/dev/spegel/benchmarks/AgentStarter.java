package dev.spegel.benchmarks;

import dev.spegel.lab.MemoryLimit;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Starts agents on loopback that find each other by a fixed list. */
final class AgentStarter {
    /** All that an agent can be told to send at a time, so that nobody is answered 429: what is measured is speed, not limits. */
    private static final int MAX_UPLOAD_STREAMS = 64;

    /** Ten times the default: 64 streams keep two cores so busy that peers' answers to a look-up may take longer than that. */
    private static final String RESOLVE_TIMEOUT = "5s";

    private final Path launcher;
    private final Path directory;
    private final List<String> tlsFlags;

    /** @param directory for what the agents say */
    AgentStarter(Path launcher, Path directory) {
        this(launcher, directory, List.of());
    }

    private AgentStarter(Path launcher, Path directory, List<String> tlsFlags) {
        this.launcher = launcher;
        this.directory = directory;
        this.tlsFlags = tlsFlags;
    }

    /** One whose agents speak TLS, with clients and with each other. */
    AgentStarter over(ClusterTls tls) {
        return new AgentStarter(launcher, directory, tls.agentFlags());
    }

    /** Starts one that serves a layout and knows these others. */
    MeasuredProcess start(String name, Path layout, List<InetSocketAddress> peers)
            throws IOException, InterruptedException {
        return start(name, layout, peers, UnaryOperator.identity());
    }

    /** The same, under a limit to its memory. */
    MeasuredProcess startUnder(MemoryLimit limit, String name, Path layout, List<InetSocketAddress> peers)
            throws IOException, InterruptedException {
        return start(name, layout, peers, limit::command);
    }

    private MeasuredProcess start(
            String name, Path layout, List<InetSocketAddress> peers, UnaryOperator<List<String>> wrapped)
            throws IOException, InterruptedException {
        int port = MeasuredProcess.freePort();
        List<String> known = peers.stream()
                .map(peer -> peer.getAddress().getHostAddress() + ":" + peer.getPort())
                .toList();
        return MeasuredProcess.start(
                name,
                port,
                Files.createTempFile(directory, "agent-", ".log"),
                wrapped.apply(command("127.0.0.1:" + port, layout, known)));
    }

    /** How to start one that listens there, serves a layout, and knows these others. */
    List<String> command(String address, Path layout, List<String> peers) throws IOException {
        // The list can't be empty: whoever has no peers gets one that isn't there.
        List<String> known = peers.isEmpty() ? List.of("127.0.0.1:" + MeasuredProcess.freePort()) : peers;
        List<String> command = new ArrayList<>(List.of(
                launcher.toString(),
                "registry",
                "--store=oci-layout",
                "--oci-layout-path=" + layout,
                "--router=static",
                "--static-router-peers=" + String.join(",", known),
                "--max-upload-streams=" + MAX_UPLOAD_STREAMS,
                "--registry-addr=" + address,
                "--mirror-resolve-timeout=" + RESOLVE_TIMEOUT,
                "--metrics-addr=127.0.0.1:" + MeasuredProcess.freePort()));
        command.addAll(tlsFlags);
        return command;
    }
}
