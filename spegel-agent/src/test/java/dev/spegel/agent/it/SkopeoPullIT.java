package dev.spegel.agent.it;

import static dev.spegel.agent.it.Layouts.NAME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** skopeo pulls from an agent whose own store is empty what another agent has. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SkopeoPullIT {
    @RegisterExtension
    private final Processes processes = new Processes();

    @TempDir
    private Path directory;

    @BeforeAll
    static void needsSkopeo() {
        Tools.assumeInstalled("skopeo");
    }

    static Stream<Named<Supplier<SampleImage>>> images() {
        return Stream.of(
                named("several layers", SampleImages::severalLayers),
                named("Docker schema 2", SampleImages::dockerSchema2),
                named("no media type", SampleImages::withoutMediaType),
                named("index", SampleImages::twoPlatforms),
                named("Docker manifest list", SampleImages::dockerTwoPlatforms),
                named("artifact with empty config", SampleImages::artifactWithEmptyConfig),
                named("layer of 0 bytes", SampleImages::emptyAndLargeLayer));
    }

    /** Starts an agent that has the image, and one that knows only of the first. Returns the second. */
    private AgentProcess mirrorOf(SampleImage image) throws IOException {
        Layouts.write(directory.resolve("holder"), image);
        AgentProcess holder = AgentProcess.start(processes, "holder", directory.resolve("holder"), List.of())
                .awaitServing(NAME);
        Path empty = Files.createDirectory(directory.resolve("empty"));
        return AgentProcess.start(processes, "mirror", empty, List.of(holder));
    }

    private void copy(AgentProcess mirror, String name, String target) throws Exception {
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
    @MethodSource("images")
    void everyFormArrivesByTagAndByDigest(Supplier<SampleImage> form) throws Exception {
        SampleImage image = form.get();
        AgentProcess mirror = mirrorOf(image);

        copy(mirror, "registry.example/samples/app:1.0", "dir:" + directory.resolve("by-tag"));
        assertArrived(image, directory.resolve("by-tag"));

        copy(
                mirror,
                "registry.example/samples/app@" + image.target().digest(),
                "dir:" + directory.resolve("by-digest"));
        assertArrived(image, directory.resolve("by-digest"));

        assertThat(mirror.hits()).isGreaterThanOrEqualTo(2L * image.content().size());
        assertThat(mirror.misses()).isZero();
    }

    @Test
    void digestNeedsNoRegistry() throws Exception {
        SampleImage image = SampleImages.severalLayers();
        AgentProcess mirror = mirrorOf(image);
        copy(mirror, "samples/app@" + image.target().digest(), "dir:" + directory.resolve("copy"));
        assertArrived(image, directory.resolve("copy"));
    }

    @Test
    void indexArrivesInALayoutWithAllItsPlatforms() throws Exception {
        SampleImage image = SampleImages.twoPlatforms();
        AgentProcess mirror = mirrorOf(image);
        Path layout = directory.resolve("layout");
        copy(mirror, "registry.example/samples/app:1.0", "oci:" + layout + ":1.0");
        Layouts.assertBlobs(layout.resolve("blobs/sha256"), new HashSet<>(digests(image.content())));
        assertThat(Files.readString(layout.resolve("index.json")))
                .contains(image.target().digest().toString());
    }

    @Test
    void imageThatNobodyHasIsUnknown() throws Exception {
        AgentProcess mirror = mirrorOf(SampleImages.severalLayers());
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
