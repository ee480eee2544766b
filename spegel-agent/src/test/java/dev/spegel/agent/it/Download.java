package dev.spegel.agent.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Digest;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.MessageDigest;
import java.time.Duration;

/** A blob on its way, read at the test's pace and hashed: what isn't read waits in the sockets, and so do the agents behind them. */
final class Download implements AutoCloseable {
    private static final int BUFFER_BYTES = 1024 * 1024;

    private final MessageDigest hash = Digest.Algorithm.SHA256.newMessageDigest();
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final HttpResponse<InputStream> response;
    private long readBytes;

    private Download(HttpResponse<InputStream> response) {
        this.response = response;
    }

    /** Asks, and returns with the headers of an answer 200. */
    static Download start(URI uri) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build();
        HttpResponse<InputStream> response = HttpClient.newHttpClient().send(request, BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).as("%s", uri).isEqualTo(200);
        return new Download(response);
    }

    String header(String name) {
        return response.headers().firstValue(name).orElseThrow();
    }

    /** Reads so many bytes more. */
    void read(long bytes) throws IOException {
        long left = bytes;
        while (left > 0) {
            int count = response.body().read(buffer, 0, (int) Math.min(buffer.length, left));
            if (count < 0) {
                throw new EOFException("the body ends after " + readBytes + " bytes");
            }
            hash.update(buffer, 0, count);
            readBytes += count;
            left -= count;
        }
    }

    /** Reads the rest, and returns the digest of all. */
    Digest readToEnd() throws IOException {
        read(Long.parseLong(header("Content-Length")) - readBytes);
        assertThat(response.body().read()).as("what follows the last byte").isEqualTo(-1);
        return Digest.of(Digest.Algorithm.SHA256, hash.digest());
    }

    @Override
    public void close() throws IOException {
        response.body().close();
    }
}
