package dev.spegel.oci.store;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.CRC32;

/**
 * Writes gzip (RFC 1952) without compressing: stored blocks only (RFC 1951, section 3.2.4).
 *
 * <p>What the JDK's own compressor writes depends on its version and on the zlib of the machine; the digest of a generated layer
 * must depend on neither. Closing this doesn't close the stream below.
 */
final class StoredGzipOutputStream extends FilterOutputStream {
    /** Magic, method deflate, no flags, no time, no extra flags, unknown system: RFC 1952, section 2.3. */
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

    /** The length of a stored block has 16 bits. */
    private static final int MAX_BLOCK = 65_535;

    private final CRC32 crc = new CRC32();
    private final byte[] block = new byte[MAX_BLOCK];
    private int blockLength;
    private long total;
    private boolean finished;

    StoredGzipOutputStream(OutputStream out) throws IOException {
        super(out);
        out.write(HEADER);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int from = offset;
        int left = length;
        while (left > 0) {
            if (blockLength == MAX_BLOCK) {
                writeBlock(false);
            }
            int count = Math.min(left, MAX_BLOCK - blockLength);
            System.arraycopy(bytes, from, block, blockLength, count);
            blockLength += count;
            from += count;
            left -= count;
        }
    }

    /** Leaves the block that is being filled where it is: whether it is the last one shows on closing. */
    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        if (!finished) {
            finished = true;
            writeBlock(true);
            writeLittleEndian(crc.getValue(), 4);
            writeLittleEndian(total, 4);
            out.flush();
        }
    }

    private void writeBlock(boolean last) throws IOException {
        out.write(last ? 1 : 0);
        writeLittleEndian(blockLength, 2);
        writeLittleEndian(~blockLength, 2);
        out.write(block, 0, blockLength);
        crc.update(block, 0, blockLength);
        total += blockLength;
        blockLength = 0;
    }

    private void writeLittleEndian(long value, int bytes) throws IOException {
        for (int i = 0; i < bytes; i++) {
            out.write((int) (value >>> (8 * i)));
        }
    }
}
