package dev.spegel.oci.store;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageIndex;
import dev.spegel.oci.Reference;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Writes one image as a tar of an OCI layout (image-spec v1.1.1, image-layout.md), as {@code ctr image import}, {@code skopeo}
 * ({@code oci-archive:}) and {@link ImageImporter} read it. Content goes straight into the tar, which takes no room elsewhere; the
 * index comes last. The same image gives the same bytes if it is added in the same order. For one thread.
 *
 * <p>After a failure the archive is of no use: the caller throws it away.
 */
public final class OciArchiveWriter implements AutoCloseable {
    private static final int BUFFER_BYTES = 128 * 1024;

    /** A file that all may read. */
    private static final int MODE = 0100644;

    private final TarArchiveOutputStream tar;
    private final Set<Digest> added = new HashSet<>();

    private OciArchiveWriter(TarArchiveOutputStream tar) {
        this.tar = tar;
    }

    /**
     * Begins an archive.
     *
     * @param out is closed with the writer
     * @throws StoreException if it can't be written
     */
    public static OciArchiveWriter to(OutputStream out) throws StoreException {
        TarArchiveOutputStream tar = new TarArchiveOutputStream(
                new BufferedOutputStream(requireNonNull(out, "out"), BUFFER_BYTES), StandardCharsets.UTF_8.name());
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX); // layers of more than 8 GiB
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX); // the names of SHA-512 digests
        OciArchiveWriter writer = new OciArchiveWriter(tar);
        writer.addDocument("oci-layout", LayoutPaths.MARKER_CONTENT.getBytes(StandardCharsets.UTF_8));
        return writer;
    }

    /** Whether this content was added. */
    public boolean contains(Descriptor content) {
        return added.contains(content.digest());
    }

    /**
     * Adds the content that this describes, unless it was added. The stream is read to its end or just past the size that the
     * descriptor says, and isn't closed.
     *
     * @throws StoreException if it has another size or digest, or reading or writing fails
     */
    public void add(Descriptor expected, InputStream content) throws StoreException {
        if (contains(expected)) {
            return;
        }
        Digest digest = expected.digest();
        try {
            MessageDigest hash = digest.algorithm().newMessageDigest();
            addEntry(
                    "blobs/%s/%s".formatted(digest.algorithm(), digest.encoded()), expected.sizeBytes(), content, hash);
            Digest found = Digest.of(digest.algorithm(), hash.digest());
            if (!found.equals(digest)) {
                throw new StoreException("the content has the digest " + found);
            }
        } catch (IOException e) {
            throw new StoreException("write blob " + digest + " into the archive", e);
        }
        added.add(digest);
    }

    /**
     * Names the image and ends the archive.
     *
     * @throws StoreException if its manifest or index wasn't added, or writing fails
     */
    public void finish(Reference name, Descriptor target) throws StoreException {
        if (!contains(target)) {
            throw new StoreException("the image isn't complete: %s is missing".formatted(target.digest()));
        }
        addDocument(
                "index.json",
                ImageIndex.of(List.of(LayoutPaths.named(target, name))).toJson());
        try {
            tar.finish();
            tar.flush();
        } catch (IOException e) {
            throw new StoreException("end the archive", e);
        }
    }

    private void addDocument(String name, byte[] content) throws StoreException {
        try {
            addEntry(
                    name,
                    content.length,
                    new ByteArrayInputStream(content),
                    Digest.Algorithm.SHA256.newMessageDigest());
        } catch (IOException e) {
            throw new StoreException("write " + name + " into the archive", e);
        }
    }

    private void addEntry(String name, long sizeBytes, InputStream content, MessageDigest hash) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(sizeBytes);
        entry.setMode(MODE);
        entry.setModTime(0L); // so that the same image gives the same bytes
        tar.putArchiveEntry(entry);
        byte[] buffer = new byte[BUFFER_BYTES];
        long total = 0;
        for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
            total += count;
            if (total > sizeBytes) {
                throw new StoreException("the content is longer than the " + sizeBytes + " bytes that it should have");
            }
            hash.update(buffer, 0, count);
            tar.write(buffer, 0, count);
        }
        if (total != sizeBytes) {
            throw new StoreException("the content has %d bytes, not %d".formatted(total, sizeBytes));
        }
        tar.closeArchiveEntry();
    }

    /** Closes what it writes to. Without {@link #finish} before, that isn't an archive. Closing twice is harmless. */
    @Override
    public void close() throws IOException {
        tar.close();
    }
}
