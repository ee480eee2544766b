package dev.spegel.agent.it;

import static dev.spegel.agent.it.Layouts.NAME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.agent.it.Layouts.LargeImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** containerd is sent to other agents for blobs by one that has none, and goes there. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RedirectIT {
    /** Much more than the sockets between holder and client keep (Linux: 4 MiB to send, 6 MiB received, each). */
    private static final long LAYER_BYTES = 128L << 20;

    private static final long PAUSE_AFTER_BYTES = 32L << 20;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** Stands for the real registry, and nothing listens there: what arrives came from the holders. */
    private static final String NO_SERVER = "127.0.0.1:1";

    /** So that it asks for pieces, each on a way of its own. */
    private static final String IN_PARALLEL = """
            concurrent_layer_fetch_buffer = 8388608
            max_concurrent_downloads = 4
            """;

    @TempDir
    private static Path shared;

    private static LargeImage image;

    @RegisterExtension
    private final Processes processes = new Processes();

    @TempDir
    private Path directory;

    private Containerd containerd;

    private enum Fetch {
        IN_ONE_1_6(Release.INSTALLED, ""),
        IN_ONE_2_1(Release.UNSTABLE, ""),
        IN_PARALLEL_2_1(Release.UNSTABLE, IN_PARALLEL);

        private final Release release;
        private final String transfer;

        Fetch(Release release, String transfer) {
            this.release = release;
            this.transfer = transfer;
        }
    }

    @BeforeAll
    static void writeImage() throws IOException {
        Tools.assumeRoot();
        image = Layouts.writeLarge(shared, 1, LAYER_BYTES);
    }

    @AfterEach
    void stopContainerd() throws Exception {
        if (containerd != null) {
            containerd.stop();
        }
    }

    private void startContainerd(Release release, String transfer) throws IOException {
        release.assumeUsable();
        containerd =
                Containerd.start(processes, Files.createDirectory(directory.resolve("containerd")), release, transfer);
    }

    /** Holders share a directory, which none of them writes to. */
    private AgentProcess startHolder(String name) throws IOException {
        return AgentProcess.start(processes, name, shared, List.of()).awaitServing(NAME);
    }

    private AgentProcess startMirror(List<String> peers) throws IOException {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        return AgentProcess.start(processes, "mirror", empty, peers, List.of("--mirror-mode=redirect"));
    }

    private void assertPulled(Processes.Child pull) throws Exception {
        assertThat(pull.exitCode(LIMIT)).as("ctr says: %s", pull.log()).isZero();
        assertThat(containerd.content())
                .containsExactlyInAnyOrder(
                        image.manifest().digest(),
                        image.config().digest(),
                        image.layer().digest());
    }

    private static void assertNothingRelayed(AgentProcess mirror) throws Exception {
        assertThat(mirror.blobBytesSent()).isZero();
        assertThat(mirror.blobsAnswered(200)).isZero();
        assertThat(mirror.blobsAnswered(206)).isZero();
        assertThat(mirror.misses()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void blobsComeFromThePeerItself(Fetch fetch) throws Exception {
        startContainerd(fetch.release, fetch.transfer);
        AgentProcess holder = startHolder("holder");
        AgentProcess mirror = startMirror(List.of(holder.registry()));

        assertPulled(containerd.startPull(NAME.toString(), mirror.registry(), NO_SERVER));
        assertNothingRelayed(mirror);
        long redirects = mirror.blobsAnswered(307);
        if (fetch == Fetch.IN_PARALLEL_2_1) {
            assertThat(redirects).as("one for each piece").isGreaterThanOrEqualTo(LAYER_BYTES / 8388608);
        } else {
            assertThat(redirects).as("config and layer").isEqualTo(2);
        }
        await().untilAsserted(() -> assertThat(holder.blobBytesSent()).isGreaterThan(LAYER_BYTES));
        assertThat(holder.requestsOfContainerd())
                .as("it is another node's containerd")
                .isZero();
        assertThat(mirror.requestsOfContainerd()).isGreaterThan(redirects);
    }

    /** Its connection ends in order, so containerd asks its mirror for the rest, which sends it to the other holder. */
    @ParameterizedTest
    @EnumSource
    void aPeerThatDiesMidBlobIsReplaced(Release release) throws Exception {
        startContainerd(release, "");
        List<AgentProcess> holders = List.of(startHolder("first holder"), startHolder("second holder"));
        try (PausingProxy first = new PausingProxy(holders.get(0).registry(), PAUSE_AFTER_BYTES);
                PausingProxy second = new PausingProxy(holders.get(1).registry(), PAUSE_AFTER_BYTES)) {
            AgentProcess mirror = startMirror(List.of(first.address(), second.address()));
            Processes.Child pull = containerd.startPull(NAME.toString(), mirror.registry(), NO_SERVER);
            await("a holder serves").atMost(LIMIT).until(() -> first.isPaused() || second.isPaused());
            boolean firstServes = first.isPaused();
            holders.get(firstServes ? 0 : 1).process().kill();
            first.resume();
            second.resume();

            assertPulled(pull);
            assertNothingRelayed(mirror);
            assertThat(mirror.blobsAnswered(307)).as("config, layer, rest").isEqualTo(3);
            assertThat(holders.get(firstServes ? 1 : 0).blobsAnswered(206)).isEqualTo(1);
        }
    }
}
