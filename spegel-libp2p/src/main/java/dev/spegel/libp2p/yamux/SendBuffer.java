package dev.spegel.libp2p.yamux;

import java.nio.ByteBuffer;

/** Bytes that wait to be sent on one stream: a ring that grows up to a limit and is given back whenever it is empty. */
final class SendBuffer {
    private static final byte[] NONE = {};
    private static final int SMALLEST = 256;

    private final int limit;
    private byte[] ring = NONE;
    private int head;
    private int size;

    SendBuffer(int limit) {
        this.limit = limit;
    }

    int size() {
        return size;
    }

    int room() {
        return limit - size;
    }

    /** Copies the next {@code count} bytes of {@code in}, at most {@link #room}. */
    void put(ByteBuffer in, int count) {
        if (size + count > ring.length) {
            grow(size + count);
        }
        int tail = (int) (((long) head + size) % Math.max(ring.length, 1));
        int first = Math.min(count, ring.length - tail);
        in.get(ring, tail, first);
        in.get(ring, 0, count - first);
        size += count;
    }

    /** Moves the oldest {@code count} bytes, at most {@link #size}, to {@code out}. */
    void takeTo(ByteBuffer out, int count) {
        int first = Math.min(count, ring.length - head);
        out.put(ring, head, first);
        out.put(ring, 0, count - first);
        size -= count;
        head = size == 0 ? 0 : (int) (((long) head + count) % ring.length);
        if (size == 0) {
            ring = NONE; // thousands of idle streams hold nothing
        }
    }

    void clear() {
        ring = NONE;
        head = 0;
        size = 0;
    }

    private void grow(int needed) {
        int capacity = (int) Math.min(limit, Math.max(SMALLEST, Math.max(needed, 2L * ring.length)));
        byte[] larger = new byte[capacity];
        int first = Math.min(size, ring.length - head);
        System.arraycopy(ring, head, larger, 0, first);
        System.arraycopy(ring, 0, larger, first, size - first);
        ring = larger;
        head = 0;
    }
}
