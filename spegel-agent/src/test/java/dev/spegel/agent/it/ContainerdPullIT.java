package dev.spegel.agent.it;

import static dev.spegel.agent.it.Layouts.NAME;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageIndex;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.Reference;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** containerd pulls through an agent whose own store is empty what another agent has. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ContainerdPullIT {
    /** Stands for the real registry, and nothing listens there: what arrives came from the mirror. */
    private static final String NO_SERVER = "127.0.0.1:1";

    private static final Duration PULL_LIMIT = Duration.ofSeconds(60);

    @RegisterExtension
    private final Processes processes = new Processes();

    @TempDir
    private Path directory;

    private Containerd containerd;
    private AgentProcess mirror;

    @BeforeAll
    static void needsContainerd() throws IOException {
        Tools.assumeInstalled("containerd", "ctr");
        Tools.assumeRoot();
    }

    @BeforeEach
    void startContainerd() throws IOException {
        containerd = Containerd.start(processes, Files.createDirectory(directory.resolve("containerd")));
    }

    @AfterEach
    void stopContainerd() throws Exception {
        if (containerd != null) {
            containerd.stop();
        }
    }

    private AgentProcess holder(SampleImage image) throws IOException {
        Layouts.write(directory.resolve("holder"), image);
        return AgentProcess.start(processes, "holder", directory.resolve("holder"), List.of())
                .awaitServing(NAME);
    }

    private void startMirror(AgentProcess... peers) throws IOException {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        mirror = AgentProcess.start(processes, "mirror", empty, List.of(peers));
    }

    private void pull(Reference image, String server) throws Exception {
        Processes.Child pull = containerd.startPull(image.toString(), mirror.registry(), server);
        assertThat(pull.exitCode(PULL_LIMIT)).as("ctr says: %s", pull.log()).isZero();
    }

    private void assertPulled(Reference name, SampleImage image) throws Exception {
        assertThat(containerd.ctr("images", "ls", "name==" + name))
                .contains(image.target().digest().toString());
        assertThat(containerd.content()).containsExactlyInAnyOrderElementsOf(forAmd64(image));
    }

    /** What a pull for one platform takes of the image. */
    private static List<Digest> forAmd64(SampleImage image) {
        List<Digest> digests = new ArrayList<>();
        Digest manifest = image.target().digest();
        if (image.target().mediaType().isIndex()) {
            digests.add(manifest);
            manifest = ImageIndex.parse(image.bytes(manifest)).manifests().stream()
                    .filter(m -> m.platform().orElseThrow().architecture().equals("amd64"))
                    .findFirst()
                    .orElseThrow()
                    .digest();
        }
        digests.add(manifest);
        ImageManifest.parse(image.bytes(manifest)).blobs().stream()
                .map(Descriptor::digest)
                .forEach(digests::add);
        return digests;
    }

    private static Reference byDigest(SampleImage image) {
        return Reference.parse("registry.example/samples/app@" + image.target().digest());
    }

    private void assertAllFromPeers(SampleImage image) throws Exception {
        // One HEAD for the name, and then each content once.
        assertThat(mirror.hits()).isEqualTo(1 + forAmd64(image).size());
        assertThat(mirror.misses()).isZero();
    }

    @Test
    void pullsByTag() throws Exception {
        SampleImage image = SampleImages.twoPlatforms();
        startMirror(holder(image));
        pull(NAME, NO_SERVER);
        assertPulled(NAME, image);
        assertAllFromPeers(image);
    }

    @Test
    void pullsByDigest() throws Exception {
        SampleImage image = SampleImages.twoPlatforms();
        startMirror(holder(image));
        pull(byDigest(image), NO_SERVER);
        assertPulled(byDigest(image), image);
        assertAllFromPeers(image);
    }

    @Test
    void pullsDockersForm() throws Exception {
        SampleImage image = SampleImages.dockerTwoPlatforms();
        startMirror(holder(image));
        pull(NAME, NO_SERVER);
        assertPulled(NAME, image);
        assertAllFromPeers(image);
    }

    /** Left to guess, containerd would take what says nothing of itself for a blob. */
    @Test
    void pullsAManifestWithoutMediaType() throws Exception {
        SampleImage image = SampleImages.withoutMediaType();
        startMirror(holder(image));
        pull(NAME, NO_SERVER);
        assertPulled(NAME, image);
        assertAllFromPeers(image);
    }

    @Test
    void whatNobodyHasComesFromTheServer() throws Exception {
        SampleImage image = SampleImages.severalLayers();
        AgentProcess server = holder(image);
        Path empty = Files.createDirectory(directory.resolve("peer"));
        startMirror(AgentProcess.start(processes, "peer", empty, List.of()));

        pull(NAME, server.registry());
        assertPulled(NAME, image);
        assertThat(mirror.hits()).isZero();
        assertThat(mirror.misses()).isEqualTo(1 + forAmd64(image).size());
        // Each miss holds a pull up. A few milliseconds is what it takes; the limit is for a machine that does much
        // else.
        assertThat(mirror.metric("http_request_duration_seconds_bucket", "code=\"404\"", "le=\"1.0\""))
                .as("misses answered within a second")
                .isEqualTo(mirror.misses());
    }
}
