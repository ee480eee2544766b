package dev.spegel.oci.store;

import dev.spegel.oci.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * A layer that container runtimes can unpack: a tar of one file of seeded pseudo-random bytes, plain or in gzip. The same values
 * give the same bytes on every machine, and nothing compresses them.
 *
 * @param seed gives the bytes and the file's name
 * @param fileBytes the size of the file; the layer is up to 3 KiB longer, in gzip some 0.01 % more
 */
public record GeneratedLayer(long seed, long fileBytes, boolean gzip) {
    /** A size in a plain tar header has 11 octal digits: POSIX.1-2017, pax, "ustar Interchange Format". */
    private static final long MAX_FILE_BYTES = (1L << 33) - 1;

    private static final int BUFFER_BYTES = 64 * 1024;

    /** @throws IllegalArgumentException if the size is negative or more than a tar header can say, 8 GiB */
    public GeneratedLayer {
        if (fileBytes < 0 || fileBytes > MAX_FILE_BYTES) {
            throw new IllegalArgumentException(
                    "fileBytes must be between 0 and %d, got %d".formatted(MAX_FILE_BYTES, fileBytes));
        }
    }

    /** Writes the layer. The stream stays open. */
    public void writeTo(OutputStream out) throws IOException {
        if (gzip) {
            try (StoredGzipOutputStream zipped = new StoredGzipOutputStream(out)) {
                writeTar(zipped);
            }
        } else {
            writeTar(out);
        }
    }

    /** The digest of the layer's tar, without gzip: what an image's config lists. Computes the whole layer. */
    public Digest diffId() {
        MessageDigest hash = Digest.Algorithm.SHA256.newMessageDigest();
        try (DigestOutputStream hashing = new DigestOutputStream(OutputStream.nullOutputStream(), hash)) {
            writeTar(hashing);
        } catch (IOException e) {
            throw new AssertionError("nothing here does I/O", e);
        }
        return Digest.of(Digest.Algorithm.SHA256, hash.digest());
    }

    /** Not closed, since that would close the stream below. */
    @SuppressWarnings("resource")
    private void writeTar(OutputStream out) throws IOException {
        TarArchiveOutputStream tar = new TarArchiveOutputStream(out, "UTF-8");
        TarArchiveEntry entry = new TarArchiveEntry("data/" + Long.toUnsignedString(seed, 36) + ".bin");
        entry.setSize(fileBytes);
        entry.setModTime(0);
        entry.setUserName(""); // else it is that of whoever runs this
        tar.putArchiveEntry(entry);
        writeRandom(tar);
        tar.closeArchiveEntry();
        tar.finish();
        tar.flush();
    }

    private void writeRandom(OutputStream out) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        long state = seed;
        for (long left = fileBytes; left > 0; left -= BUFFER_BYTES) {
            buffer.clear();
            while (buffer.hasRemaining()) {
                // SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
                state += 0x9e3779b97f4a7c15L;
                long z = (state ^ (state >>> 30)) * 0xbf58476d1ce4e5b9L;
                z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
                buffer.putLong(z ^ (z >>> 31));
            }
            out.write(buffer.array(), 0, (int) Math.min(left, BUFFER_BYTES));
        }
    }
}
