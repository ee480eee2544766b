package dev.spegel.agent.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.Reference;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** skopeo pulls from an agent whose own store is empty what another agent has. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SkopeoPullIT {
    /** One of each form that images have, by its tag. */
    private static final Map<String, SampleImage> IMAGES = Map.of(
            "several-layers", SampleImages.severalLayers(),
            "docker-schema-2", SampleImages.dockerSchema2(),
            "no-media-type", SampleImages.withoutMediaType(),
            "index", SampleImages.twoPlatforms(),
            "docker-manifest-list", SampleImages.dockerTwoPlatforms(),
            "artifact-with-empty-config", SampleImages.artifactWithEmptyConfig(),
            "layer-of-no-bytes", SampleImages.emptyAndLargeLayer());

    private static final String REPOSITORY = "registry.example/samples/app";

    @RegisterExtension
    private static final Processes AGENTS = new Processes();

    private static AgentProcess mirror;

    @RegisterExtension
    private final Processes processes = new Processes();

    @TempDir
    private Path directory;

    static Set<String> tags() {
        return IMAGES.keySet();
    }

    /** One agent that has all images, and one that has nothing and knows the first. */
    @BeforeAll
    static void startAgents(@TempDir Path shared) throws IOException {
        Tools.assumeInstalled("skopeo");
        Path layout = shared.resolve("holder");
        for (String tag : tags()) {
            Layouts.write(layout, IMAGES.get(tag), Reference.parse(REPOSITORY + ":" + tag));
        }
        AgentProcess holder = AgentProcess.start(AGENTS, "holder", layout, List.of());
        for (String tag : tags()) {
            holder.awaitServing(Reference.parse(REPOSITORY + ":" + tag));
        }
        Path empty = Files.createDirectory(shared.resolve("empty"));
        mirror = AgentProcess.start(AGENTS, "mirror", empty, List.of(holder));
    }

    private void copy(String name, String target) throws Exception {
        processes.run(
                "skopeo",
                "--insecure-policy",
                "copy",
                "--all",
                "--preserve-digests",
                "--src-tls-verify=false",
                "docker://" + mirror.registry() + "/" + name,
                target);
    }

    /** Checks a directory as skopeo's {@code dir:} writes it. */
    private static void assertArrived(SampleImage image, Path target) throws IOException {
        assertThat(Layouts.sha256(target.resolve("manifest.json")))
                .isEqualTo(image.target().digest());
        for (Descriptor manifest : image.manifests()) {
            if (!manifest.digest().equals(image.target().digest())) {
                assertThat(Layouts.sha256(target.resolve(manifest.digest().encoded() + ".manifest.json")))
                        .isEqualTo(manifest.digest());
            }
        }
        Layouts.assertBlobs(target, digests(image.layersAndConfigs()));
    }

    private static Set<Digest> digests(List<Descriptor> content) {
        return content.stream().map(Descriptor::digest).collect(Collectors.toSet());
    }

    @ParameterizedTest
    @MethodSource("tags")
    void everyFormArrivesByTagAndByDigest(String tag) throws Exception {
        SampleImage image = IMAGES.get(tag);
        long hits = mirror.hits();
        long misses = mirror.misses();

        Path byTag = directory.resolve("by-tag");
        copy(REPOSITORY + ":" + tag, "dir:" + byTag);
        assertArrived(image, byTag);

        Path byDigest = directory.resolve("by-digest");
        copy(REPOSITORY + "@" + image.target().digest(), "dir:" + byDigest);
        assertArrived(image, byDigest);

        assertThat(mirror.hits() - hits)
                .isGreaterThanOrEqualTo(2L * image.content().size());
        assertThat(mirror.misses()).isEqualTo(misses);
    }

    @Test
    void digestNeedsNoRegistry() throws Exception {
        SampleImage image = IMAGES.get("several-layers");
        copy("samples/app@" + image.target().digest(), "dir:" + directory.resolve("copy"));
        assertArrived(image, directory.resolve("copy"));
    }

    /** As docs/clients.md says it for skopeo, podman, buildah and CRI-O, which read the same file by the same library. */
    @Test
    void registriesConfNamesItAsAMirrorOfARegistry() throws Exception {
        SampleImage image = IMAGES.get("several-layers");
        Path conf = Files.writeString(directory.resolve("registries.conf"), """
                [[registry]]
                location = "registry.example"

                [[registry.mirror]]
                location = "%s/registry.example"
                insecure = true
                """.formatted(mirror.registry()));
        Path copy = directory.resolve("copy");
        Processes.Child skopeo = processes.start(
                "skopeo",
                Map.of(),
                List.of(
                        "skopeo",
                        "--registries-conf=" + conf,
                        "--insecure-policy",
                        "copy",
                        "--all",
                        "--preserve-digests",
                        "docker://" + REPOSITORY + ":several-layers",
                        "dir:" + copy));
        assertThat(skopeo.exitCode(Duration.ofSeconds(30)))
                .as("%s", skopeo.log())
                .isZero();
        assertArrived(image, copy);
    }

    @Test
    void indexArrivesInALayoutWithAllItsPlatforms() throws Exception {
        SampleImage image = IMAGES.get("index");
        Path layout = directory.resolve("layout");
        copy(REPOSITORY + ":index", "oci:" + layout + ":1.0");
        Layouts.assertBlobs(layout.resolve("blobs/sha256"), digests(image.content()));
        assertThat(Files.readString(layout.resolve("index.json")))
                .contains(image.target().digest().toString());
    }

    @Test
    void imageThatNobodyHasIsUnknown() throws Exception {
        Processes.Child skopeo = processes.start(
                "skopeo",
                Map.of(),
                List.of(
                        "skopeo",
                        "--insecure-policy",
                        "copy",
                        "--src-tls-verify=false",
                        "docker://" + mirror.registry() + "/registry.example/samples/other:1.0",
                        "dir:" + directory.resolve("copy")));
        assertThat(skopeo.exitCode(Duration.ofSeconds(30))).isNotZero();
        assertThat(skopeo.log()).contains("manifest unknown");
    }
}
