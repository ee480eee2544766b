package dev.spegel.agent.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Reference;
import dev.spegel.oci.store.OciLayoutWriter;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DestinationTest {
    private static final SampleImage IMAGE = SampleImages.twoPlatforms();
    private static final Reference NAME = Reference.parse("registry.example/samples/app:1.0");

    @TempDir
    private Path directory;

    /** Puts the sample image into a target, as a pull does. */
    private static PullReport fill(PullTarget target) throws IOException {
        for (Descriptor content : IMAGE.content()) {
            if (!content.digest().equals(IMAGE.target().digest())) {
                target.add(content, new ByteArrayInputStream(IMAGE.bytes(content.digest())));
            }
        }
        target.add(
                IMAGE.target(),
                new ByteArrayInputStream(IMAGE.bytes(IMAGE.target().digest())));
        target.finish(NAME, IMAGE.target());
        return new PullReport(NAME, IMAGE.target(), List.of(), Duration.ofMillis(1));
    }

    private static PullReport breakOff(PullTarget target) throws IOException {
        Descriptor first = IMAGE.layersAndConfigs().get(0);
        target.add(first, new ByteArrayInputStream(IMAGE.bytes(first.digest())));
        throw new PullException("the mirror went away");
    }

    @ParameterizedTest
    @CsvSource({"images, the OCI layout", "app.tar, the archive", "APP.TAR, the archive", "app.tar.d, the OCI layout"})
    void theNameDecides(String name, String kind) {
        Path path = directory.resolve(name);
        assertThat(Destination.at(path, false)).hasToString(kind + " " + path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"app.tar.gz", "app.tgz", "app.tar.zst"})
    void compressedArchivesAreRefused(String name) {
        assertThatThrownBy(() -> Destination.at(directory.resolve(name), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("layers are compressed already");
    }

    @Test
    void whatIsThereAndDoesNotFitIsRefused() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "text");
        assertThatThrownBy(() -> Destination.at(file, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is there, and is no directory");
        Path tar = Files.createDirectory(directory.resolve("dir.tar"));
        assertThatThrownBy(() -> Destination.at(tar, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is there, and is no file");
        Path full = Files.createDirectory(directory.resolve("full"));
        Files.writeString(full.resolve("file"), "text");
        assertThatThrownBy(() -> Destination.at(full, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has files, and is no OCI layout");
        assertThatThrownBy(() -> Destination.at(directory.resolve("none/app.tar"), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("there is no directory");
        Path archive = Files.writeString(directory.resolve("app.tar"), "text");
        assertThatThrownBy(() -> Destination.at(archive, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is there already");
    }

    @ParameterizedTest
    @ValueSource(strings = {"images", "app.tar"})
    void aFillingThatFailsLeavesNothing(String name) {
        Destination destination = Destination.at(directory.resolve(name), false);
        assertThatThrownBy(() -> destination.fill(NAME, DestinationTest::breakOff))
                .isInstanceOf(PullException.class)
                .hasMessage("the mirror went away");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void anArchiveThatIsReplacedStaysUntilTheNewOneIsWhole() throws Exception {
        Path archive = Files.writeString(directory.resolve("app.tar"), "old");
        Destination destination = Destination.at(archive, true);
        assertThatThrownBy(() -> destination.fill(NAME, DestinationTest::breakOff))
                .isInstanceOf(PullException.class);
        assertThat(archive).hasContent("old");
        destination.fill(NAME, target -> {
            PullReport report = fill(target);
            assertThat(archive).hasContent("old");
            return report;
        });
        assertThat(Files.size(archive)).isGreaterThan(1000);
        assertThat(directory).isDirectoryContaining("glob:**/app.tar").isDirectoryNotContaining("glob:**/.*");
    }

    @Test
    void anArchiveThatHasComeToBeMeanwhileStays() throws Exception {
        Path archive = directory.resolve("app.tar");
        Destination destination = Destination.at(archive, false);
        assertThatThrownBy(() -> destination.fill(NAME, target -> {
                    Files.writeString(archive, "somebody else's");
                    return fill(target);
                }))
                .isInstanceOf(PullException.class)
                .hasMessageContaining("has come to be while the image was pulled");
        assertThat(archive).hasContent("somebody else's");
        assertThat(directory).isDirectoryNotContaining("glob:**/.*");
    }

    @Test
    void aLayoutThatHasComeToBeMeanwhileStays() throws Exception {
        Path layout = directory.resolve("images");
        Destination destination = Destination.at(layout, false);
        assertThatThrownBy(() -> destination.fill(NAME, target -> {
                    Files.createDirectory(layout);
                    Files.writeString(layout.resolve("file"), "somebody else's");
                    return fill(target);
                }))
                .isInstanceOf(PullException.class)
                .hasMessageContaining(layout + " can't be written");
        assertThat(layout.resolve("file")).hasContent("somebody else's");
        assertThat(directory).isDirectoryNotContaining("glob:**/.*");
    }

    @Test
    void anEmptyDirectoryBecomesALayoutAndAnImageIsAddedToIt() throws Exception {
        Path layout = Files.createDirectory(directory.resolve("images"));
        Destination.at(layout, false).fill(NAME, DestinationTest::fill);
        Reference second = Reference.parse("registry.example/samples/app:2.0");
        Destination.at(layout, false).fill(second, target -> {
            target.finish(second, IMAGE.target());
            return new PullReport(second, IMAGE.target(), List.of(), Duration.ofMillis(1));
        });
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            assertThat(writer.named(NAME)).isPresent();
            assertThat(writer.named(second)).isPresent();
            assertThat(writer.named(Reference.parse("registry.example/samples/app:3.0")))
                    .isEmpty();
        }
        assertThatThrownBy(() -> Destination.at(layout, false).fill(NAME, DestinationTest::fill))
                .isInstanceOf(PullException.class)
                .hasMessageContaining("--overwrite");
    }
}
