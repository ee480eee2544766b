package dev.spegel.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.routing.tls.ReloadedTls;
import dev.spegel.testkit.TestAuthority;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The bench's client against TLS of the JDK's own sockets. */
@Timeout(60)
final class TlsChannelTest {
    /** More than the client's buffers, and no whole number of records. */
    private static final int BODY_BYTES = 3 * 1024 * 1024 + 1;

    @TempDir
    private Path directory;

    @Test
    void receivesAllOfBody() throws Exception {
        ClusterTls tls = ClusterTls.throwAway(directory);
        try (OneAnswer server = new OneAnswer(tls, BODY_BYTES);
                HttpConnection connection = HttpConnection.open(server.address(), Optional.of(tls.client()))) {
            assertThat(connection.get(Fetch.whole("/", BODY_BYTES)).firstByteNanos())
                    .isPositive();
            server.done.join();
        }
    }

    @Test
    void noticesThatBodyIsCutShort() throws Exception {
        ClusterTls tls = ClusterTls.throwAway(directory);
        try (OneAnswer server = new OneAnswer(tls, BODY_BYTES - 1);
                HttpConnection connection = HttpConnection.open(server.address(), Optional.of(tls.client()))) {
            assertThatThrownBy(() -> connection.get(Fetch.whole("/", BODY_BYTES)))
                    .hasMessage("the body ended after %d of %d bytes", BODY_BYTES - 1, BODY_BYTES);
            server.done.join();
        }
    }

    @Test
    void refusesCertificateOfAnotherAuthority() throws Exception {
        ClusterTls tls = ClusterTls.throwAway(directory);
        ReloadedTls other = ReloadedTls.of(new TestAuthority("other").issue(directory.resolve("other")));
        try (OneAnswer server = new OneAnswer(tls, BODY_BYTES)) {
            assertThatThrownBy(() -> HttpConnection.open(server.address(), Optional.of(other.get())))
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("PKIX");
        }
    }

    /** Answers the first request with so many bytes, and ends the connection. */
    private static final class OneAnswer implements AutoCloseable {
        private final SSLServerSocket listening;
        private final CompletableFuture<Void> done;

        OneAnswer(ClusterTls tls, int bodyBytes) throws IOException {
            listening = (SSLServerSocket)
                    tls.client().getServerSocketFactory().createServerSocket(0, 1, InetAddress.getLoopbackAddress());
            done = CompletableFuture.runAsync(() -> answer(bodyBytes));
        }

        InetSocketAddress address() {
            return (InetSocketAddress) listening.getLocalSocketAddress();
        }

        private void answer(int bodyBytes) {
            try (Socket socket = listening.accept()) {
                InputStream in = socket.getInputStream();
                int lineEnds = 0;
                while (lineEnds < 4) {
                    int next = in.read();
                    if (next < 0) {
                        throw new IOException("the request ended within its head");
                    }
                    lineEnds = next == '\r' || next == '\n' ? lineEnds + 1 : 0;
                }
                socket.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().write(new byte[bodyBytes]);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            listening.close();
        }
    }
}
