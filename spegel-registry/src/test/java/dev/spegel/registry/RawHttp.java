package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A client that sends the bytes it is told and shows how the connection ended, which no proper client does. */
final class RawHttp {
    /** Far longer than an answer takes, so that a hang shows as a failure. */
    private static final int READ_LIMIT_MILLIS = 20_000;

    private final int port;

    RawHttp(int port) {
        this.port = port;
    }

    Answer get(String target, String... headers) throws IOException {
        return send("GET", target, headers);
    }

    Answer head(String target, String... headers) throws IOException {
        return send("HEAD", target, headers);
    }

    Answer send(String method, String target, String... headers) throws IOException {
        StringBuilder request = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        return exchange(request.append("\r\n").toString(), method.equals("HEAD"));
    }

    /** Sends this as it is, and reads one answer. */
    Answer exchange(String request, boolean head) throws IOException {
        try (Socket socket = open()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return read(socket, head);
        }
    }

    Socket open() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(READ_LIMIT_MILLIS);
        return socket;
    }

    static Answer read(Socket socket, boolean head) throws IOException {
        InputStream in = socket.getInputStream();
        String[] lines = readHead(in).split("\r\n", -1);
        Map<String, String> headers = new TreeMap<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            headers.merge(
                    lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
                    lines[i].substring(colon + 1).strip(),
                    (a, b) -> a + ", " + b);
        }
        long length = Long.parseLong(headers.getOrDefault("content-length", "-1"));
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        Ending ending = Ending.WHOLE;
        byte[] buffer = new byte[64 * 1024];
        try {
            while (!head && (length < 0 || body.size() < length)) {
                int count = in.read(
                        buffer, 0, (int) Math.min(buffer.length, length < 0 ? buffer.length : length - body.size()));
                if (count < 0) {
                    ending = length < 0 ? Ending.WHOLE : Ending.CUT;
                    break;
                }
                body.write(buffer, 0, count);
            }
        } catch (SocketException e) {
            ending = Ending.RESET;
        }
        return new Answer(Integer.parseInt(lines[0].split(" ", -1)[1]), headers, body.toByteArray(), ending);
    }

    private static String readHead(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the connection ended within the headers: " + head);
            }
            head.append((char) next);
        }
        return head.substring(0, head.length() - 4);
    }

    enum Ending {
        WHOLE,
        /** By FIN, before the length that was promised. */
        CUT,
        /** By RST. */
        RESET
    }

    /** Of a 200 that ended well: compared by their digests, since a failure would print all the bytes. */
    static void assertWhole(Answer answer, byte[] content) {
        assertThat(answer.status())
                .as(answer.status() == 200 ? "" : answer.text())
                .isEqualTo(200);
        assertThat(answer.ending()).isEqualTo(Ending.WHOLE);
        assertThat(Digest.ofSha256(answer.body())).isEqualTo(Digest.ofSha256(content));
    }

    @SuppressWarnings("ArrayRecordComponent") // compared piece by piece, and never handed on
    record Answer(int status, Map<String, String> headers, byte[] body, Ending ending) {
        Optional<String> header(String name) {
            return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }
}
