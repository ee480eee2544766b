package dev.spegel.registry;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/** An answer on a connection: its head parsed by Jetty's strict parser, its body read by length. */
final class HttpAnswer implements PeerClient.Answer {
    /** Enough for any registry's headers; Jetty's and Go's servers send a few hundred bytes. */
    static final int MAX_HEAD_BYTES = 16 * 1024;

    private final PeerConnection connection;
    private final IdleConnections idle;
    private final int status;
    private final HttpFields headers;
    private final long contentLength;
    private final boolean persistent;
    /** What came with the head. */
    private final ByteBuffer early;

    private long leftBytes;
    private boolean open = true;

    private HttpAnswer(
            PeerConnection connection, Head head, boolean headRequest, ByteBuffer early, IdleConnections idle) {
        this.connection = connection;
        this.idle = idle;
        this.early = early;
        status = head.status;
        headers = head.fields;
        contentLength = headers.getLongField(HttpHeader.CONTENT_LENGTH);
        boolean framed = contentLength >= 0 && !headers.contains(HttpHeader.TRANSFER_ENCODING);
        leftBytes = headRequest || !framed ? 0 : contentLength;
        persistent = (framed || headRequest)
                && head.version == HttpVersion.HTTP_1_1
                && !headers.contains(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString());
    }

    /** Reads the head of an answer. */
    static HttpAnswer read(PeerConnection connection, boolean headRequest, long endNanos, IdleConnections idle)
            throws IOException {
        Head head = new Head();
        HttpParser parser = parser(head, headRequest);
        ByteBuffer buffer = ByteBuffer.allocate(MAX_HEAD_BYTES);
        while (!head.complete) {
            buffer.clear();
            connection.read(new ByteBuffer[] {buffer}, HttpPeerClient.left(endNanos));
            buffer.flip();
            while (buffer.hasRemaining() && !head.complete && head.failure == null) {
                parse(parser, buffer, head);
            }
            if (head.failure != null) {
                throw new IOException("the peer's answer isn't HTTP/1.1: " + head.failure);
            }
        }
        if (head.status < 200) {
            throw new IOException("the peer sent an interim answer " + head.status + " that nobody asked for");
        }
        return new HttpAnswer(connection, head, headRequest, buffer, idle);
    }

    static HttpParser parser(Head head, boolean headRequest) {
        HttpParser parser = new HttpParser(head, MAX_HEAD_BYTES, HttpCompliance.RFC9110);
        parser.setHeadResponse(headRequest);
        return parser;
    }

    static void parse(HttpParser parser, ByteBuffer buffer, Head head) {
        try {
            parser.parseNext(buffer);
        } catch (AssertionError e) {
            // With assertions on, Jetty 12.1 trips over its own: that what it can't read has a status from 400 on.
            head.failure = "it is malformed after its status";
        }
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    @Override
    public InetSocketAddress address() {
        return connection.address();
    }

    @Override
    public long contentLength() {
        return contentLength;
    }

    @Override
    public long read(ByteBuffer[] targets, Duration limit) throws IOException {
        if (leftBytes == 0) {
            throw new EOFException("the body has been read to its end");
        }
        Piece.limit(targets, leftBytes);
        try {
            long count = early.hasRemaining() ? takeEarly(targets) : connection.read(targets, limit);
            leftBytes -= count;
            return count;
        } catch (EOFException e) {
            throw new EOFException("the body ended %d bytes early".formatted(leftBytes));
        }
    }

    private int takeEarly(ByteBuffer[] targets) {
        int before = early.remaining();
        for (ByteBuffer target : targets) {
            int count = Math.min(early.remaining(), target.remaining());
            target.put(early.slice().limit(count));
            early.position(early.position() + count);
        }
        return before - early.remaining();
    }

    @Override
    public void close() {
        if (!open) {
            return;
        }
        open = false;
        // The small body of a failure has mostly come with the head: then there is nothing to wait for.
        if (persistent && leftBytes == early.remaining()) {
            idle.give(connection);
        } else {
            connection.close();
        }
    }

    /** Collects what the parser finds, up to the end of the head. */
    static final class Head implements HttpParser.ResponseHandler {
        private final HttpFields.Mutable fields = HttpFields.build();
        private HttpVersion version = HttpVersion.HTTP_1_0;
        private int status;
        private boolean complete;
        private @Nullable String failure;

        /** Whether all of it is there and well. */
        boolean isComplete() {
            return complete && failure == null;
        }

        @Override
        public void startResponse(HttpVersion newVersion, int newStatus, String reason) {
            version = newVersion;
            status = newStatus;
        }

        @Override
        public void parsedHeader(HttpField field) {
            fields.add(field);
        }

        @Override
        public boolean headerComplete() {
            complete = true;
            return true; // stop here: the body is read by others
        }

        @Override
        public boolean content(ByteBuffer content) {
            return true;
        }

        @Override
        public boolean contentComplete() {
            return true;
        }

        @Override
        public boolean messageComplete() {
            return true;
        }

        @Override
        public void earlyEOF() {
            failure = "it ends within the headers";
        }

        @Override
        public void badMessage(HttpException e) {
            failure = String.valueOf(e.getReason());
        }
    }
}
