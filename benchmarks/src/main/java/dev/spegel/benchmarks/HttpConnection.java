package dev.spegel.benchmarks;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;

/** A client that costs little beside the server: it reads bodies into one buffer and drops them. For one thread. */
final class HttpConnection implements AutoCloseable {
    /** Reads of this size are about as cheap as larger ones, and containerd's copy loop doesn't use larger ones either. */
    private static final int BUFFER_BYTES = 256 * 1024;

    private static final Pattern SERVED_BY = Pattern.compile("(?im)^spegel-served-by: *([^\r]*)");

    private final ByteChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    private HttpConnection(ByteChannel channel) {
        this.channel = channel;
    }

    static HttpConnection open(InetSocketAddress server) throws IOException {
        return open(server, Optional.empty());
    }

    /** @param tls what to encrypt with; empty for plain HTTP */
    static HttpConnection open(InetSocketAddress server, Optional<SSLContext> tls) throws IOException {
        SocketChannel channel = SocketChannel.open(server);
        try {
            return new HttpConnection(tls.isPresent() ? TlsChannel.handshake(channel, server, tls.get()) : channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Whether a server is there and answers 200. */
    static boolean answersOk(InetSocketAddress server, String path) {
        try (HttpConnection connection = open(server)) {
            connection.channel.write(ByteBuffer.wrap(
                    ("GET " + path + " HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n").getBytes(ISO_8859_1)));
            StringBuilder answer = new StringBuilder();
            while (connection.channel.read(connection.buffer.clear()) >= 0) {
                answer.append(ISO_8859_1.decode(connection.buffer.flip()));
            }
            return answer.toString().startsWith("HTTP/1.1 200 ");
        } catch (IOException e) {
            return false; // not there yet, or gone meanwhile
        }
    }

    /**
     * What came of a request.
     *
     * @param firstByteNanos from asking until the first byte of the answer
     * @param servedBy what an agent says about where it has the body from
     */
    record Answer(long firstByteNanos, Optional<String> servedBy) {}

    /**
     * Gets a body to its end.
     *
     * @throws IOException also if it is longer or shorter than it ought to be
     */
    Answer get(Fetch fetch) throws IOException {
        long startNanos = System.nanoTime();
        channel.write(
                ByteBuffer.wrap(("GET " + fetch.path() + " HTTP/1.1\r\nHost: bench\r\n" + fetch.rangeHeader() + "\r\n")
                        .getBytes(ISO_8859_1)));
        StringBuilder head = new StringBuilder();
        long firstByteNanos = 0;
        while (head.indexOf("\r\n\r\n") < 0) {
            buffer.clear();
            if (channel.read(buffer) < 0) {
                throw new EOFException("the answer ended within the headers");
            }
            if (head.isEmpty()) {
                firstByteNanos = System.nanoTime() - startNanos;
            }
            // What comes with the head is no text, but is counted all the same.
            head.append(ISO_8859_1.decode(buffer.flip()));
        }
        if (!head.toString().startsWith("HTTP/1.1 " + fetch.status() + " ")) {
            String body = head.substring(head.indexOf("\r\n\r\n") + 4);
            throw new IOException("the server answered %s: %s"
                    .formatted(
                            head.substring(0, head.indexOf("\r\n")), body.substring(0, Math.min(400, body.length()))));
        }
        int headBytes = head.indexOf("\r\n\r\n") + 4;
        drop(fetch.bodyBytes(), head.length() - headBytes);
        Matcher servedBy = SERVED_BY.matcher(head.substring(0, headBytes));
        return new Answer(firstByteNanos, servedBy.find() ? Optional.of(servedBy.group(1)) : Optional.empty());
    }

    private void drop(long sizeBytes, long alreadyBytes) throws IOException {
        long received = alreadyBytes;
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

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
