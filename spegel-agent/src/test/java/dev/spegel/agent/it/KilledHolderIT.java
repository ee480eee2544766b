package dev.spegel.agent.it;

import static dev.spegel.agent.it.Layouts.NAME;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.agent.it.Layouts.LargeImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two agents have an image, a third mirrors it, and the one that serves it is killed in the middle of the large layer: the client
 * gets every byte and never learns of it.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class KilledHolderIT {
    /** Much more than the sockets between holder and client keep (Linux: 4 MiB to send, 6 MiB received, each). */
    private static final long LAYER_BYTES = 256L << 20;

    private static final long KILL_AFTER_BYTES = 64L << 20;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** Stands for the real registry, and nothing listens there. */
    private static final String NO_SERVER = "127.0.0.1:1";

    @TempDir
    private static Path shared;

    private static LargeImage image;

    @RegisterExtension
    private final Processes processes = new Processes();

    @TempDir
    private Path directory;

    private List<AgentProcess> holders;
    private AgentProcess mirror;

    @BeforeAll
    static void writeImage() throws IOException {
        image = Layouts.writeLarge(shared, 1, LAYER_BYTES);
    }

    /** The holders share a directory, which none of them writes to. */
    @BeforeEach
    void startAgents() throws IOException {
        holders = List.of(
                AgentProcess.start(processes, "first holder", shared, List.of()),
                AgentProcess.start(processes, "second holder", shared, List.of()));
        holders.forEach(holder -> holder.awaitServing(NAME));
        Path empty = Files.createDirectory(directory.resolve("empty"));
        mirror = AgentProcess.start(processes, "mirror", empty, holders);
    }

    /** Kills the holder that is sending the layer, and returns the other one. */
    private AgentProcess killServingHolder() throws IOException, InterruptedException {
        boolean firstServes = holders.get(0).blobsInFlight() == 1;
        AgentProcess serving = holders.get(firstServes ? 0 : 1);
        AgentProcess other = holders.get(firstServes ? 1 : 0);
        assertThat(serving.blobsInFlight()).isEqualTo(1);
        assertThat(other.blobsInFlight()).isZero();
        serving.process().kill();
        return other;
    }

    /** The mirror asked the other for the rest, and its client asked only once. */
    private void assertResumed(AgentProcess survivor, long requestsForBlobs) throws IOException, InterruptedException {
        assertThat(survivor.blobsAnswered(206)).isEqualTo(1);
        assertThat(mirror.blobsAnswered(200)).isEqualTo(requestsForBlobs);
        assertThat(mirror.blobsAnswered(206)).isZero();
        assertThat(mirror.misses()).isZero();
    }

    @Test
    void plainDownloadIsWhole() throws Exception {
        try (Download download = Download.start(
                mirror.content(image.byDigest(), "blobs/" + image.layer().digest()))) {
            download.read(KILL_AFTER_BYTES);
            AgentProcess survivor = killServingHolder();
            assertThat(download.header("Spegel-Served-By")).isNotEqualTo(survivor.registry());
            assertThat(download.readToEnd()).isEqualTo(image.layer().digest());
            assertResumed(survivor, 1);
        }
    }

    @Test
    void skopeoPullsAllOfIt() throws Exception {
        Tools.assumeInstalled("skopeo");
        Path target = directory.resolve("copy");
        try (PausingProxy proxy = new PausingProxy(mirror.registry(), KILL_AFTER_BYTES)) {
            Processes.Child skopeo = processes.start(
                    "skopeo",
                    Map.of(),
                    List.of(
                            "skopeo",
                            "--insecure-policy",
                            "copy",
                            "--src-tls-verify=false",
                            "docker://" + proxy.address() + "/" + NAME,
                            "dir:" + target));
            proxy.awaitPause(LIMIT);
            AgentProcess survivor = killServingHolder();
            proxy.resume();
            assertThat(skopeo.exitCode(LIMIT))
                    .as("skopeo says: %s", skopeo.log())
                    .isZero();
            assertThat(Layouts.sha256(target.resolve("manifest.json")))
                    .isEqualTo(image.manifest().digest());
            Layouts.assertBlobs(
                    target, Set.of(image.config().digest(), image.layer().digest()));
            assertResumed(survivor, 2);
        }
    }

    @Test
    void containerdPullsAllOfIt() throws Exception {
        Tools.assumeInstalled("containerd", "ctr");
        Tools.assumeRoot();
        Containerd containerd = Containerd.start(processes, Files.createDirectory(directory.resolve("containerd")));
        try (PausingProxy proxy = new PausingProxy(mirror.registry(), KILL_AFTER_BYTES)) {
            Processes.Child pull = containerd.startPull(NAME.toString(), proxy.address(), NO_SERVER);
            proxy.awaitPause(LIMIT);
            AgentProcess survivor = killServingHolder();
            proxy.resume();
            assertThat(pull.exitCode(LIMIT)).as("ctr says: %s", pull.log()).isZero();
            assertThat(containerd.content())
                    .containsExactlyInAnyOrder(
                            image.manifest().digest(),
                            image.config().digest(),
                            image.layer().digest());
            assertResumed(survivor, 2);
        } finally {
            containerd.stop();
        }
    }
}
