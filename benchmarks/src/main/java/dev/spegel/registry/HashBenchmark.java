package dev.spegel.registry;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What the verification of a MiB costs, as a relay hashes it: in four direct buffers. */
@NullMarked
@State(Scope.Thread)
public class HashBenchmark {
    private static final int MIB = 1024 * 1024;

    @Param({"SHA-256", "SHA-512"})
    private String algorithm = "";

    private MessageDigest hash = newHash("SHA-256");
    private final byte[] heap = new byte[MIB];
    private final List<ByteBuffer> direct =
            Stream.generate(() -> ByteBuffer.allocateDirect(MIB / 4)).limit(4).toList();
    private final byte[] scratch = new byte[64 * 1024];

    private static MessageDigest newHash(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-2", e);
        }
    }

    @Setup
    public void setUp() {
        hash = newHash(algorithm);
    }

    /** As {@link Piece} does it: the JDK copies direct buffers 4 KiB at a time. */
    @Benchmark
    public MessageDigest piece() {
        new Piece(direct).hashWith(hash);
        return hash;
    }

    /** Copied 64 KiB at a time instead. */
    @Benchmark
    public MessageDigest copied() {
        for (ByteBuffer buffer : direct) {
            ByteBuffer source = buffer.duplicate();
            while (source.hasRemaining()) {
                int count = Math.min(scratch.length, source.remaining());
                source.get(scratch, 0, count);
                hash.update(scratch, 0, count);
            }
        }
        return hash;
    }

    /** Without any copy: what hashing itself takes. */
    @Benchmark
    public MessageDigest heapArray() {
        hash.update(heap);
        return hash;
    }
}
