package dev.spegel.agent.it;

import static dev.spegel.agent.it.Layouts.NAME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.spegel.agent.it.Layouts.LargeImage;
import dev.spegel.lab.MemoryLimit;
import dev.spegel.oci.Digest;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * As many pulls at a time as an agent has streams, through one that has no more memory than its container, page cache included. With blobs of
 * 1 GiB: {@code bin/bench memory}.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class LittleMemoryIT {
    private static final int STREAMS = 64;

    /** Much more than the buffers and sockets on the way hold. */
    private static final long LAYER_BYTES = 32L << 20;

    /** What the Go implementation's chart gives its container, and ours. */
    private static final long MEMORY_BYTES = 128L << 20;

    @RegisterExtension
    private final Processes processes = new Processes();

    @TempDir
    private Path directory;

    @Test
    void allPullsComeWholeAndNobodyIsKilled() throws Exception {
        Optional<String> reason = MemoryLimit.unavailable();
        assumeTrue(reason.isEmpty(), () -> "LittleMemoryIT: " + reason.orElse(""));
        Path layout = directory.resolve("layout");
        LargeImage image = Layouts.writeLarge(layout, 5, LAYER_BYTES);
        AgentProcess holder = AgentProcess.start(
                        processes, "holder", layout, List.of(), List.of("--max-upload-streams=" + STREAMS))
                .awaitServing(NAME);
        Path empty = Files.createDirectory(directory.resolve("empty"));
        try (MemoryLimit limit = MemoryLimit.create("it", MEMORY_BYTES)) {
            AgentProcess mirror = AgentProcess.startUnder(limit, processes, "mirror", empty, holder);

            URI layer = mirror.content(NAME, "blobs/" + image.layer().digest());
            assertThat(pull(layer)).hasSize(STREAMS).containsOnly(image.layer().digest());

            assertThat(limit.kills()).as("processes killed for want of memory").isZero();
            assertThat(mirror.process().runs()).isTrue();
            System.out.printf(
                    "%d pulls at a time in %d MiB: peak resident set %d KiB%n",
                    STREAMS, MEMORY_BYTES >> 20, mirror.peakResidentKib());
            mirror.process().terminate();
            mirror.process().exitCode(Duration.ofSeconds(60)); // an empty group can be removed
        }
    }

    private static List<Digest> pull(URI blob) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(STREAMS);
        try {
            Callable<Digest> pull = () -> {
                try (Download download = Download.start(blob)) {
                    return download.readToEnd();
                }
            };
            List<Digest> digests = new ArrayList<>();
            for (Future<Digest> one : clients.invokeAll(Collections.nCopies(STREAMS, pull))) {
                digests.add(one.get());
            }
            return digests;
        } finally {
            clients.shutdownNow();
        }
    }
}
