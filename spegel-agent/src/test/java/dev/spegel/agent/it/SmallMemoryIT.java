package dev.spegel.agent.it;

import static dev.spegel.agent.it.Layouts.NAME;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.agent.it.Layouts.LargeImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A blob of over 2 GiB passes through agents that have 64 MiB of heap and 32 MiB of direct memory. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SmallMemoryIT {
    /** With the tar around it more than an {@code int} holds. */
    private static final long LAYER_BYTES = 2L << 30;

    /** The memory of an agent's container: the Go implementation's chart limits it to 128 MiB. */
    private static final long MAX_RESIDENT_KIB = 128 * 1024;

    private static final String[] SMALL = {"-Xmx64m", "-XX:MaxDirectMemorySize=32m"};

    @RegisterExtension
    private final Processes processes = new Processes();

    @TempDir
    private Path directory;

    @Test
    void twoGibibytesAreServedAndMirrored() throws Exception {
        Path layout = directory.resolve("layout");
        LargeImage image = Layouts.writeLarge(layout, 3, LAYER_BYTES);
        AgentProcess holder = AgentProcess.startInDht(processes, "holder", layout, Optional.empty(), List.of(), SMALL)
                .awaitServing(NAME);
        Path empty = Files.createDirectory(directory.resolve("empty"));
        AgentProcess mirror = AgentProcess.startInDht(processes, "mirror", empty, Optional.of(holder), List.of(), SMALL)
                .awaitServing(NAME);

        String blob = "blobs/" + image.layer().digest();
        try (Download download = Download.start(mirror.content(NAME, blob))) {
            assertThat(download.readToEnd()).isEqualTo(image.layer().digest());
        }

        // Beyond 2^31, from where arithmetic with ints goes wrong.
        long last = image.layer().sizeBytes() - 1;
        assertThat(mirror.get(mirror.content(NAME, blob), "Range", "bytes=2147483648-"))
                .satisfies(answer -> {
                    assertThat(answer.statusCode()).isEqualTo(206);
                    assertThat(answer.headers().firstValue("Content-Range"))
                            .contains("bytes 2147483648-%d/%d".formatted(last, last + 1));
                    assertThat(answer.body()).hasSize((int) (last - 2147483648L + 1));
                });

        assertSmall("holder", holder);
        assertSmall("mirror", mirror);
    }

    private static void assertSmall(String name, AgentProcess agent) throws IOException {
        assertThat(agent.process().runs()).isTrue();
        assertThat(agent.process().log()).doesNotContain("OutOfMemoryError");
        System.out.printf("Peak resident set of the %s: %d KiB%n", name, agent.peakResidentKib());
        assertThat(agent.peakResidentKib())
                .as("peak resident set of the %s, KiB", name)
                .isLessThan(MAX_RESIDENT_KIB);
    }
}
