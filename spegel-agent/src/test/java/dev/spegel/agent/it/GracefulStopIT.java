package dev.spegel.agent.it;

import static dev.spegel.agent.it.Layouts.NAME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.agent.it.Layouts.LargeImage;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** SIGTERM in the middle of a transfer. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class GracefulStopIT {
    /** Much more than the sockets on the way keep. */
    private static final long LAYER_BYTES = 128L << 20;

    private static final long STOP_AFTER_BYTES = 32L << 20;

    /** Less than the 30 s after which an agent cuts its transfers: it stops because they have ended. */
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    private static Path shared;

    private static LargeImage image;

    @RegisterExtension
    private final Processes processes = new Processes();

    @TempDir
    private Path directory;

    @BeforeAll
    static void writeImage() throws IOException {
        image = Layouts.writeLarge(shared, 2, LAYER_BYTES);
    }

    private AgentProcess startHolder() throws IOException {
        return AgentProcess.start(processes, "holder", shared, List.of()).awaitServing(NAME);
    }

    private AgentProcess startMirror(AgentProcess holder) throws IOException {
        return AgentProcess.start(
                processes, "mirror", Files.createDirectory(directory.resolve("empty")), List.of(holder));
    }

    private static URI layer(AgentProcess agent) {
        return agent.content(image.byDigest(), "blobs/" + image.layer().digest());
    }

    private static void terminate(AgentProcess agent) {
        agent.process().terminate();
        URI api = URI.create("http://" + agent.registry() + "/v2/");
        await("new connections are refused").atMost(LIMIT).until(() -> {
            try {
                agent.getOnNewConnection(api);
                return false;
            } catch (ConnectException e) {
                return true;
            }
        });
        assertThat(agent.process().runs()).as("still runs").isTrue();
    }

    @Test
    void holderEndsAfterItsTransfer() throws Exception {
        AgentProcess holder = startHolder();
        try (Download download = Download.start(layer(holder))) {
            download.read(STOP_AFTER_BYTES);
            terminate(holder);
            assertThat(download.readToEnd()).isEqualTo(image.layer().digest());
        }
        assertThat(holder.process().exitCode(LIMIT)).isZero();
    }

    @Test
    void mirrorEndsAfterItsTransfer() throws Exception {
        AgentProcess mirror = startMirror(startHolder());
        try (Download download = Download.start(layer(mirror))) {
            download.read(STOP_AFTER_BYTES);
            terminate(mirror);
            assertThat(download.readToEnd()).isEqualTo(image.layer().digest());
        }
        assertThat(mirror.process().exitCode(LIMIT)).isZero();
    }

    @Test
    void holderOfAMirrorEndsAfterItsTransfer() throws Exception {
        AgentProcess holder = startHolder();
        AgentProcess mirror = startMirror(holder);
        try (Download download = Download.start(layer(mirror))) {
            download.read(STOP_AFTER_BYTES);
            terminate(holder);
            assertThat(download.readToEnd()).isEqualTo(image.layer().digest());
        }
        assertThat(holder.process().exitCode(LIMIT)).isZero();
    }

    @Test
    void idleAgentEndsAtOnce() throws Exception {
        AgentProcess holder = startHolder();
        AgentProcess mirror = startMirror(holder);
        // Both keep connections open to each other and to this process; nobody waits for those.
        assertThat(mirror.get(mirror.manifest(NAME)).statusCode()).isEqualTo(200);
        mirror.process().terminate();
        holder.process().terminate();
        assertThat(mirror.process().exitCode(Duration.ofSeconds(10))).isZero();
        assertThat(holder.process().exitCode(Duration.ofSeconds(10))).isZero();
    }
}
