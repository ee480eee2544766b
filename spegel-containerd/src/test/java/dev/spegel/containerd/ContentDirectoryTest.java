package dev.spegel.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Digest;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentDirectoryTest {
    private static final byte[] CONTENT = {1, 2, 3};
    private static final Digest DIGEST = Digest.ofSha256(CONTENT);

    @TempDir
    private Path parent;

    private Path root() {
        return parent.resolve("content");
    }

    private Path blobs() throws Exception {
        return Files.createDirectories(ContentDirectory.blobs(root(), Digest.Algorithm.SHA256));
    }

    private ContentDirectory directory() {
        return new ContentDirectory(root());
    }

    @Test
    void opensFilesOfTheSizeThatIsAskedForOnly() throws Exception {
        Files.write(blobs().resolve(DIGEST.encoded()), CONTENT);
        try (SeekableByteChannel channel = directory().open(DIGEST, 3).orElseThrow()) {
            assertThat(channel).isInstanceOf(FileChannel.class);
            assertThat(channel.size()).isEqualTo(3);
        }
        assertThat(directory().open(DIGEST, 4)).isEmpty();
        assertThat(directory().sizeNow(DIGEST)).hasValue(3);
    }

    @Test
    void whatIsntAFileIsntThere() throws Exception {
        Files.createDirectory(blobs().resolve(DIGEST.encoded()));
        assertThat(directory().sizeNow(DIGEST)).isEmpty();
        assertThat(directory().open(DIGEST, 3)).isEmpty();
    }

    @Test
    void linksArentThere() throws Exception {
        Path file = Files.write(parent.resolve("elsewhere"), CONTENT);
        Files.createSymbolicLink(blobs().resolve(DIGEST.encoded()), file);
        assertThat(directory().sizeNow(DIGEST)).isEmpty();
        assertThat(directory().open(DIGEST, 3)).isEmpty();
    }

    @Test
    void pipesAreNotWaitedFor() throws Exception {
        Path pipe = blobs().resolve(DIGEST.encoded());
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        assertThat(directory().open(DIGEST, 0)).isEmpty();
    }

    @Test
    void aDirectoryThatContainerdHasYetToMakeIsFine() throws Exception {
        assertThat(directory().problem()).isEmpty();
        Files.createDirectory(root());
        assertThat(directory().problem()).isEmpty();
        blobs();
        assertThat(directory().problem()).isEmpty();
    }

    @Test
    void oneThatCantBeMadeIsInvisible() {
        assertThat(new ContentDirectory(parent.resolve("no/such")).problem())
                .hasValueSatisfying(problem -> assertThat(problem).contains("isn't visible"));
    }

    @Test
    void theRootMayBeALinkButItsPartsMayNot() throws Exception {
        Path moved = Files.createDirectories(parent.resolve("moved/blobs/sha256"));
        Files.createSymbolicLink(root(), parent.resolve("moved"));
        assertThat(directory().problem()).isEmpty();
        Files.move(moved, parent.resolve("planted"));
        Files.createSymbolicLink(moved, parent.resolve("planted"));
        assertThat(directory().problem())
                .hasValueSatisfying(problem -> assertThat(problem).contains("sha256 isn't a directory"));
    }
}
