package dev.spegel.benchmarks;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A client that costs little beside the server: it reads bodies into one buffer a stream and drops them. */
final class Download {
    /** Reads of this size are about as cheap as larger ones, and containerd's copy loop doesn't use larger ones either. */
    private static final int BUFFER_BYTES = 256 * 1024;

    private Download() {}

    /**
     * Gets a body on each of so many connections at the same time.
     *
     * @return the seconds from the first byte sent to the last received
     */
    static double seconds(InetSocketAddress server, Fetch fetch, int streams) throws IOException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(streams);
        try {
            List<Callable<Void>> bodies = new ArrayList<>();
            for (int i = 0; i < streams; i++) {
                bodies.add(() -> {
                    one(server, fetch);
                    return null;
                });
            }
            long startNanos = System.nanoTime();
            for (Future<Void> body : threads.invokeAll(bodies)) {
                body.get();
            }
            return (System.nanoTime() - startNanos) / 1e9;
        } catch (ExecutionException e) {
            throw new IOException("get " + fetch.path() + " from " + server + ": " + e.getCause(), e);
        } finally {
            threads.shutdownNow();
        }
    }

    private static void one(InetSocketAddress server, Fetch fetch) throws IOException {
        long sizeBytes = fetch.bodyBytes();
        try (SocketChannel channel = SocketChannel.open(server)) {
            channel.write(ByteBuffer.wrap(("GET " + fetch.path() + " HTTP/1.1\r\nHost: bench\r\n" + fetch.rangeHeader()
                            + "Connection: close\r\n\r\n")
                    .getBytes(ISO_8859_1)));
            ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
            long received = -readHead(channel, buffer, fetch.status());
            while (received < sizeBytes) {
                buffer.clear();
                int count = channel.read(buffer);
                if (count < 0) {
                    throw new EOFException("the body ended after %d of %d bytes".formatted(received, sizeBytes));
                }
                received += count;
            }
            if (received != sizeBytes) {
                throw new IOException("the body has %d bytes, more than %d".formatted(received, sizeBytes));
            }
        }
    }

    /** Returns the length of the head less all that was read: the negative number of body bytes that came with it. */
    private static long readHead(SocketChannel channel, ByteBuffer buffer, int status) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf("\r\n\r\n") < 0) {
            buffer.clear();
            if (channel.read(buffer) < 0) {
                throw new EOFException("the answer ended within the headers");
            }
            text.append(ISO_8859_1.decode(buffer.flip()));
        }
        if (!text.toString().startsWith("HTTP/1.1 " + status + " ")) {
            throw new IOException("the server answered " + text.substring(0, text.indexOf("\r\n")));
        }
        return text.indexOf("\r\n\r\n") + 4L - text.length();
    }
}
