package dev.spegel.oci.store;

import dev.spegel.oci.Quoted;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/** Reads a tar that a stranger made, plain or in gzip, entry by entry, within limits. */
final class TarReader implements AutoCloseable {
    /**
     * A header, and the long names and attributes that may precede it, which the library reads into the heap whatever size they
     * claim: names have at most 4,096 bytes on Linux, so this is ample.
     */
    private static final int MAX_HEADER_BYTES = 1024 * 1024;

    private static final int BUFFER_BYTES = 128 * 1024;
    private static final int GZIP_FIRST = 0x1f;
    private static final int GZIP_SECOND = 0x8b;

    private final BoundedHeaders in;
    private final TarArchiveInputStream tar;
    private final Allowance allowance;
    private final Set<String> names = new HashSet<>();

    private TarReader(InputStream in, Allowance allowance) {
        this.in = new BoundedHeaders(in);
        this.tar = new TarArchiveInputStream(this.in, StandardCharsets.UTF_8.name());
        this.allowance = allowance;
    }

    static TarReader open(Path archive, Allowance allowance) throws IOException {
        InputStream file = new BufferedInputStream(Files.newInputStream(archive), BUFFER_BYTES);
        try {
            return new TarReader(isGzip(file) ? new GZIPInputStream(file, BUFFER_BYTES) : file, allowance);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Looks at the first two bytes of a stream that can be reset, and leaves it at its beginning. */
    static boolean isGzip(InputStream in) throws IOException {
        in.mark(2);
        boolean gzip = in.read() == GZIP_FIRST && in.read() == GZIP_SECOND;
        in.reset();
        return gzip;
    }

    /** Reads all entries in order. */
    void forEach(Visitor visitor) throws IOException {
        for (TarArchiveEntry entry = next(); entry != null; entry = next()) {
            allowance.spend(entry.getSize());
            if (entry.isDirectory()) {
                continue;
            }
            String name = pathOf(entry.getName(), "");
            if (!names.add(name)) {
                throw new StoreException("the archive has the entry %s twice".formatted(Quoted.of(name)));
            }
            if (entry.isSymbolicLink()) {
                visitor.link(name, pathOf(entry.getLinkName(), parentOf(name)));
            } else if (entry.isLink()) {
                visitor.link(name, pathOf(entry.getLinkName(), ""));
            } else if (entry.isFile() && !entry.isSparse() && isPlain(entry)) {
                visitor.file(name, entry.getSize(), tar);
                tar.transferTo(OutputStream.nullOutputStream()); // so that what is left over doesn't count as a header
            } else {
                throw new StoreException(
                        "the archive's entry %s is no regular file, directory or link".formatted(Quoted.of(name)));
            }
        }
    }

    /** A pipe or device also counts as a file with the library. */
    private static boolean isPlain(TarArchiveEntry entry) {
        return !entry.isFIFO() && !entry.isBlockDevice() && !entry.isCharacterDevice();
    }

    private @Nullable TarArchiveEntry next() throws IOException {
        in.limit(MAX_HEADER_BYTES);
        TarArchiveEntry entry = tar.getNextEntry();
        in.limit(Long.MAX_VALUE);
        return entry;
    }

    /** The path inside the archive, without {@code .} and {@code ..}. */
    private static String pathOf(String text, String directory) throws StoreException {
        if (text.startsWith("/") || text.indexOf('\\') >= 0 || text.indexOf('\0') >= 0) {
            throw new StoreException(
                    "a path in an archive is relative, with '/' between its parts, got " + Quoted.of(text));
        }
        Deque<String> parts = new ArrayDeque<>();
        for (String part : (directory + "/" + text).split("/", -1)) {
            if (part.equals("..")) {
                if (parts.pollLast() == null) {
                    throw new StoreException("a path in an archive stays inside it, got " + Quoted.of(text));
                }
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.addLast(part);
            }
        }
        return String.join("/", parts);
    }

    private static String parentOf(String name) {
        int slash = name.lastIndexOf('/');
        return slash < 0 ? "" : name.substring(0, slash);
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }

    /** Hears of the entries. */
    interface Visitor {
        /** The stream ends with the entry. It may be left before its end and must not be closed. */
        void file(String name, long sizeBytes, InputStream content) throws IOException;

        /** A symbolic or hard link. The target is a path as the names are; whether it is there isn't known yet. */
        void link(String name, String target) throws IOException;
    }

    /** Breaks off when more is read than is allowed. */
    private static final class BoundedHeaders extends FilterInputStream {
        private long left;

        BoundedHeaders(InputStream in) {
            super(in);
        }

        void limit(long bytes) {
            left = bytes;
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            spend(b < 0 ? 0 : 1);
            return b;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = super.read(bytes, offset, length);
            spend(Math.max(0, count));
            return count;
        }

        @Override
        public long skip(long bytes) throws IOException {
            long count = super.skip(bytes);
            spend(count);
            return count;
        }

        private void spend(long count) throws StoreException {
            left -= count;
            if (left < 0) {
                throw new StoreException("a header in the archive has more than %d bytes".formatted(MAX_HEADER_BYTES));
            }
        }
    }
}
