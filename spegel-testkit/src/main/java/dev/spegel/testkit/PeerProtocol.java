package dev.spegel.testkit;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads HTTP/1.1 requests without a body, and answers them with a {@link Fault} where asked: RFC 9112. */
final class PeerProtocol {
    /** Several times what any client of ours sends. */
    private static final int MAX_HEADER_BYTES = 64 * 1024;

    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{1,18})?-(\\d{1,18})?");

    private PeerProtocol() {}

    /** Waits for a request; empty if the client closes the connection instead. */
    static Optional<SeenRequest> read(InputStream in) throws IOException {
        List<String> lines = readHeaderLines(in);
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        String[] requestLine = lines.get(0).split(" ", -1);
        if (requestLine.length != 3) {
            throw new ProtocolException("a request line has three parts, got " + lines.get(0));
        }
        Map<String, List<String>> headers = new HashMap<>();
        for (String line : lines.subList(1, lines.size())) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new ProtocolException("a header is name: value, got " + line);
            }
            headers.computeIfAbsent(line.substring(0, colon).toLowerCase(Locale.ROOT), name -> new ArrayList<>())
                    .add(line.substring(colon + 1).strip());
        }
        return Optional.of(new SeenRequest(requestLine[0], requestLine[1], headers));
    }

    private static List<String> readHeaderLines(InputStream in) throws IOException {
        List<String> lines = new ArrayList<>();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int total = 0; total < MAX_HEADER_BYTES; total++) {
            int next = in.read();
            if (next < 0) {
                if (total == 0) {
                    return List.of();
                }
                throw new EOFException("the client hung up in the middle of a request");
            }
            if (next != '\n') {
                line.write(next);
                continue;
            }
            String text = line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
            line.reset();
            if (text.isEmpty()) {
                return lines;
            }
            lines.add(text);
        }
        throw new ProtocolException("a request's headers have at most %d bytes".formatted(MAX_HEADER_BYTES));
    }

    /** Returns whether the connection may take another request. */
    static boolean answer(
            Socket connection, InputStream in, SeenRequest request, Optional<PeerContent> content, Fault fault)
            throws IOException, InterruptedException {
        OutputStream out = connection.getOutputStream();
        if (fault instanceof Fault.CloseAfterAccept) {
            return false; // a connection that was accepted long ago: the same, seen from the client's end
        }
        if (fault instanceof Fault.StallBeforeHeaders) {
            awaitHangUp(in);
            return false;
        }
        if (fault instanceof Fault.LateHeaders late) {
            TimeUnit.NANOSECONDS.sleep(late.pause().toNanos());
        }
        if (fault instanceof Fault.Answer answer) {
            Map<String, String> headers = new LinkedHashMap<>(answer.headers());
            headers.putIfAbsent("Content-Length", "0");
            writeHead(out, answer.status(), headers);
            return true;
        }
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            writeHead(out, 405, Map.of("Content-Length", "0", "Allow", "GET, HEAD"));
            return true;
        }
        if (content.isEmpty()) {
            byte[] body = "{\"errors\":[{\"code\":\"BLOB_UNKNOWN\",\"message\":\"blob unknown to registry\"}]}"
                    .getBytes(StandardCharsets.UTF_8);
            writeHead(
                    out,
                    404,
                    Map.of("Content-Type", "application/json", "Content-Length", Integer.toString(body.length)));
            if (request.method().equals("GET")) {
                out.write(body);
            }
            return true;
        }
        return answer(connection, in, request, content.get(), fault);
    }

    private static boolean answer(
            Socket connection, InputStream in, SeenRequest request, PeerContent content, Fault fault)
            throws IOException, InterruptedException {
        OutputStream out = connection.getOutputStream();
        int size = content.bytes().length;
        int start = 0;
        int end = size; // excluded
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", content.mediaType().toString());
        headers.put("Docker-Content-Digest", content.digest().toString());
        headers.put("Accept-Ranges", "bytes");
        Matcher range = RANGE.matcher(request.header("Range").orElse(""));
        boolean ranged = range.matches()
                && !range.group().equals("bytes=-")
                && !(fault instanceof Fault.IgnoreRange)
                && request.method().equals("GET"); // RFC 9110, section 14.2: a range is defined for GET only
        if (ranged) {
            long first = range.group(1) == null
                    ? Math.max(0, size - Long.parseLong(range.group(2)))
                    : Long.parseLong(range.group(1));
            long last = range.group(1) == null || range.group(2) == null
                    ? size - 1L
                    : Math.min(size - 1L, Long.parseLong(range.group(2)));
            if (first >= size || last < first) {
                writeHead(out, 416, Map.of("Content-Range", "bytes */" + size, "Content-Length", "0"));
                return true;
            }
            start = (int) first;
            end = (int) last + 1;
            long told = fault instanceof Fault.WrongContentRange ? first + 1 : first;
            headers.put("Content-Range", "bytes %d-%d/%d".formatted(told, last, size));
        }
        long length = (long) end - start;
        if (fault instanceof Fault.WrongLength wrong) {
            length = Math.max(0, length + wrong.difference());
        }
        headers.put("Content-Length", Long.toString(length));
        writeHead(out, ranged ? 206 : 200, headers);
        if (request.method().equals("HEAD")) {
            return true;
        }
        return writeBody(connection, in, content.bytes(), start, end, fault);
    }

    private static boolean writeBody(Socket connection, InputStream in, byte[] bytes, int start, int end, Fault fault)
            throws IOException, InterruptedException {
        OutputStream out = connection.getOutputStream();
        int size = end - start;
        if (fault instanceof Fault.StallAt stall && stall.position() <= size) {
            out.write(bytes, start, (int) stall.position());
            awaitHangUp(in);
            return false;
        }
        if (fault instanceof Fault.CutAt cut && cut.position() <= size) {
            out.write(bytes, start, (int) cut.position());
            return false; // nothing unread is left, so that closing sends FIN
        }
        if (fault instanceof Fault.ResetAt reset && reset.position() <= size) {
            out.write(bytes, start, (int) reset.position());
            connection.setSoLinger(true, 0);
            return false;
        }
        if (fault instanceof Fault.CorruptAt corrupt && corrupt.position() < size) {
            int position = start + (int) corrupt.position();
            out.write(bytes, start, position - start);
            out.write(~bytes[position]);
            out.write(bytes, position + 1, end - position - 1);
            return true;
        }
        if (fault instanceof Fault.Trickle trickle) {
            for (int next = start; next < end; next += trickle.pieceBytes()) {
                out.write(bytes, next, Math.min(trickle.pieceBytes(), end - next));
                TimeUnit.NANOSECONDS.sleep(trickle.pause().toNanos());
            }
            return true;
        }
        out.write(bytes, start, size);
        return !(fault instanceof Fault.WrongLength);
    }

    private static void writeHead(OutputStream out, int status, Map<String, String> headers) throws IOException {
        StringBuilder head = new StringBuilder("HTTP/1.1 ").append(status).append(" Status\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        out.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A client that waits for an answer sends nothing more; the read ends when it, or the peer's close, ends the connection. */
    private static void awaitHangUp(InputStream in) throws IOException {
        while (in.read() >= 0) {
            // Whatever else it says, it gets no answer.
        }
    }
}
