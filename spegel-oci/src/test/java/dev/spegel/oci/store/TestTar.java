package dev.spegel.oci.store;

import dev.spegel.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Builds archives in the heap, sound ones and others. */
final class TestTar {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

    TestTar() {
        tar.setLongFileMode(
                TarArchiveOutputStream.LONGFILE_GNU); // a blob's name has more than 100 characters with SHA-512
    }

    TestTar file(String name, byte[] content) {
        // Without the library's own tidying of names.
        TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_NORMAL, true);
        entry.setSize(content.length);
        return entry(entry, content);
    }

    TestTar file(String name, String content) {
        return file(name, content.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds {@code blobs/sha256/…}. */
    TestTar blob(byte[] content) {
        return file("blobs/sha256/" + Digest.ofSha256(content).encoded(), content);
    }

    TestTar directory(String name) {
        return entry(new TarArchiveEntry(name + "/", TarConstants.LF_DIR), new byte[0]);
    }

    TestTar link(String name, String target, boolean symbolic) {
        TarArchiveEntry entry =
                new TarArchiveEntry(name, symbolic ? TarConstants.LF_SYMLINK : TarConstants.LF_LINK, true);
        entry.setLinkName(target);
        return entry(entry, new byte[0]);
    }

    TestTar pipe(String name) {
        return entry(new TarArchiveEntry(name, TarConstants.LF_FIFO), new byte[0]);
    }

    /** Adds what precedes an entry with a long name, in GNU's form. By hand, as the library takes minutes for one like this. */
    TestTar longName(int chars) {
        TarArchiveEntry entry = new TarArchiveEntry(TarConstants.GNU_LONGLINK, TarConstants.LF_GNUTYPE_LONGNAME);
        entry.setSize(chars);
        return entry(entry, "a".repeat(chars).getBytes(StandardCharsets.UTF_8));
    }

    private TestTar entry(TarArchiveEntry entry, byte[] content) {
        try {
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
        } catch (IOException e) {
            throw new UncheckedIOException("the heap doesn't fail", e);
        }
        return this;
    }

    byte[] toBytes() {
        try {
            tar.finish();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("the heap doesn't fail", e);
        }
    }

    Path writeTo(Path file) throws IOException {
        return Files.write(file, toBytes());
    }

    Path writeGzipTo(Path file) throws IOException {
        Files.write(file, gzip(toBytes()));
        return file;
    }

    static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            out.write(content);
        }
        return zipped.toByteArray();
    }
}
