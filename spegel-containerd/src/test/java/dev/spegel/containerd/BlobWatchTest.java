package dev.spegel.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Digest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class BlobWatchTest {
    /** The JDK's own bound for one directory; what comes above it is lost. */
    private static final int MORE_THAN_IS_KEPT = 600;

    private final Hints hints = new Hints();
    private final ExecutorService runner = Executors.newSingleThreadExecutor();
    private final Set<Digest> told = new HashSet<>();
    private boolean toldEverything;

    @TempDir
    private Path directory;

    private Path root;
    private BlobWatch watch;

    @BeforeEach
    void open() throws Exception {
        root = directory.resolve("content");
        watch = new BlobWatch(hints);
    }

    @AfterEach
    void close() {
        watch.close();
        runner.shutdownNow();
    }

    private void run() {
        runner.execute(() -> {
            try {
                watch.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the test is over
            }
        });
    }

    private void awaitHints(Predicate<Hints.Taken> wanted) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (System.nanoTime() - end < 0) {
            Hints.Taken taken = hints.await(end, System.nanoTime());
            told.addAll(taken.digests());
            toldEverything |= taken.everything();
            if (wanted.test(taken)) {
                return;
            }
        }
        throw new AssertionError("told only of " + told);
    }

    private Path blobs(Digest.Algorithm algorithm) throws Exception {
        return Files.createDirectories(ContentDirectory.blobs(root, algorithm));
    }

    private static Digest digest(int number) {
        return Digest.ofSha256(new byte[] {(byte) number, (byte) (number >> 8)});
    }

    @Test
    void tellsOfFilesThatComeChangeAndGo() throws Exception {
        Path file = blobs(Digest.Algorithm.SHA256).resolve(digest(1).encoded());
        watch.follow(root);
        run();
        Files.write(file, new byte[] {1});
        awaitHints(taken -> taken.digests().contains(digest(1)));
        Files.write(file, new byte[] {1, 2});
        awaitHints(taken -> taken.digests().contains(digest(1)));
        Files.delete(file);
        awaitHints(taken -> taken.digests().contains(digest(1)));
        assertThat(toldEverything).isFalse();
    }

    @Test
    void bothAlgorithmsAreFollowedAndOtherNamesArent() throws Exception {
        byte[] content = {1};
        Digest.Algorithm sha512 = Digest.Algorithm.SHA512;
        Digest longer = Digest.of(sha512, sha512.newMessageDigest().digest(content));
        Path sha256Blobs = blobs(Digest.Algorithm.SHA256);
        Path sha512Blobs = blobs(sha512);
        watch.follow(root);
        run();
        Files.write(sha256Blobs.resolve("half-written"), content);
        Files.write(sha256Blobs.resolve(digest(1).encoded()), content);
        Files.write(sha512Blobs.resolve(longer.encoded()), content);
        awaitHints(taken -> told.equals(Set.of(digest(1), longer)));
        assertThat(toldEverything).isFalse();
    }

    @Test
    void directoriesThatAppearLaterAreLookedAtAndThenFollowed() throws Exception {
        watch.follow(root);
        run();
        Files.createDirectory(root);
        awaitHints(Hints.Taken::everything);
        watch.follow(root);
        Path blobs = blobs(Digest.Algorithm.SHA256);
        awaitHints(Hints.Taken::everything);
        watch.follow(root);
        Files.write(blobs.resolve(digest(1).encoded()), new byte[] {1});
        awaitHints(taken -> taken.digests().contains(digest(1)));
    }

    @Test
    void eventsThatAreLostMeanALookAtEverything() throws Exception {
        Path blobs = blobs(Digest.Algorithm.SHA256);
        watch.follow(root);
        for (int i = 0; i < MORE_THAN_IS_KEPT; i++) { // while nobody takes them
            Files.write(blobs.resolve(digest(i).encoded()), new byte[] {1});
        }
        Files.delete(blobs.resolve(digest(0).encoded()));
        run();
        awaitHints(Hints.Taken::everything);
    }

    @Test
    void aDirectoryThatIsReplacedMeansALookAtEverything() throws Exception {
        blobs(Digest.Algorithm.SHA256);
        watch.follow(root);
        run();
        Files.move(root, directory.resolve("old"));
        Files.createDirectories(ContentDirectory.blobs(root, Digest.Algorithm.SHA256));
        awaitHints(Hints.Taken::everything);
        watch.follow(root);
        Files.write(blobs(Digest.Algorithm.SHA256).resolve(digest(1).encoded()), new byte[] {1});
        awaitHints(taken -> taken.digests().contains(digest(1)));
    }

    @Test
    void closingEndsIt() throws Exception {
        run();
        watch.close();
        watch.close();
        runner.shutdown();
        assertThat(runner.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        watch.follow(root); // harmless
    }
}
