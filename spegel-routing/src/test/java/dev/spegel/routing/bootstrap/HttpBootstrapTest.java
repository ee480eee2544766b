package dev.spegel.routing.bootstrap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.routing.RoutingException;
import dev.spegel.routing.tls.TlsFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.util.io.pem.PemObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HttpBootstrapTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final BootstrapPeer PEER = new BootstrapPeer(
            Optional.of(PeerId.parse("12D3KooWB1b3qZxWJanuhtseF3DmPggHCtG36KZ9ixkqHtdKH9fh")),
            List.of(Multiaddr.parse("/ip4/10.0.0.7/tcp/5001")));
    private static final byte[] DOCUMENT = BootstrapDocument.write(List.of(PEER));

    private final ExecutorService executor = Executors.newCachedThreadPool();
    private Optional<HttpServer> server = Optional.empty();

    @AfterEach
    void stop() {
        server.ifPresent(running -> running.stop(0));
        executor.shutdownNow();
    }

    /** Answers one request. */
    private interface Answer {
        void send(HttpExchange exchange) throws IOException;
    }

    private URI serve(HttpServer fresh, Answer answer) {
        server = Optional.of(fresh);
        fresh.setExecutor(executor);
        fresh.createContext("/id", exchange -> {
            try (exchange) {
                answer.send(exchange);
            }
        });
        fresh.start();
        String scheme = fresh instanceof HttpsServer ? "https" : "http";
        return URI.create(scheme + "://127.0.0.1:" + fresh.getAddress().getPort() + "/id");
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private HttpBootstrap plain(Answer answer) throws IOException {
        return new HttpBootstrap(serve(HttpServer.create(anyPort(), 0), answer), TlsFiles.NONE, executor);
    }

    private static void sendDocument(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, DOCUMENT.length);
        exchange.getResponseBody().write(DOCUMENT);
    }

    @Test
    void readsWhatTheServerNames() throws Exception {
        assertThat(plain(HttpBootstrapTest::sendDocument).find(LONG)).containsExactly(PEER);
    }

    @Test
    void anotherStatusIsAnError() throws Exception {
        HttpBootstrap bootstrap = plain(exchange -> exchange.sendResponseHeaders(503, -1));
        assertThatThrownBy(() -> bootstrap.find(LONG))
                .isInstanceOf(RoutingException.class)
                .hasMessageContaining("/id answers with status 503");
    }

    @Test
    void aServerThatIsNotThereIsAnError() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        HttpBootstrap bootstrap =
                new HttpBootstrap(URI.create("http://127.0.0.1:" + port + "/id"), TlsFiles.NONE, executor);
        assertThatThrownBy(() -> bootstrap.find(LONG))
                .isInstanceOf(RoutingException.class)
                .hasMessageContaining("127.0.0.1:" + port);
    }

    @Test
    void anAnswerThatStallsIsWaitedForUntilTheLimit() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        HttpBootstrap bootstrap = plain(exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write('[');
            exchange.getResponseBody().flush();
            asked.countDown();
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            assertThatThrownBy(() -> bootstrap.find(Duration.ofMillis(500)))
                    .isInstanceOf(RoutingException.class)
                    .hasMessageContaining("/id hasn't answered within PT0.5S");
            asked.await();
        } finally {
            over.countDown();
        }
    }

    @Test
    void anAnswerWithoutEndIsGivenUp() throws Exception {
        HttpBootstrap bootstrap = plain(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            OutputStream out = exchange.getResponseBody();
            byte[] spaces = " ".repeat(64 * 1024).getBytes(UTF_8);
            while (true) {
                out.write(spaces); // until the other side hangs up
            }
        });
        assertThatThrownBy(() -> bootstrap.find(LONG))
                .isInstanceOf(RoutingException.class)
                .hasMessageContaining("more than 1048576 bytes");
    }

    @Test
    void aWebPageIsAnError() throws Exception {
        HttpBootstrap bootstrap = plain(exchange -> {
            exchange.sendResponseHeaders(200, 6);
            exchange.getResponseBody().write("<html>".getBytes(UTF_8));
        });
        assertThatThrownBy(() -> bootstrap.find(LONG))
                .isInstanceOf(RoutingException.class)
                .hasMessageContaining("list of bootstrap peers");
    }

    @Test
    void refusesOtherUrlsAndHidesPasswords() {
        for (String url : List.of("ftp://host/id", "/id", "http:///id", "file:/etc/passwd")) {
            assertThatIllegalArgumentException()
                    .as(url)
                    .isThrownBy(() -> new HttpBootstrap(URI.create(url), TlsFiles.NONE, executor));
        }
        assertThat(new HttpBootstrap(URI.create("http://me:secret@host/id"), TlsFiles.NONE, executor))
                .hasToString("http://host/id");
    }

    @Nested
    class WithTls {
        @TempDir
        Path directory;

        private HttpsServer https(SSLContext context, boolean clientMustShow) throws IOException {
            HttpsServer https = HttpsServer.create(anyPort(), 0);
            https.setHttpsConfigurator(new HttpsConfigurator(context) {
                @Override
                public void configure(HttpsParameters parameters) {
                    SSLParameters settings = context.getDefaultSSLParameters();
                    settings.setNeedClientAuth(clientMustShow);
                    parameters.setSSLParameters(settings);
                }
            });
            return https;
        }

        private void write(String name, Object... things) throws IOException {
            StringBuilder pem = new StringBuilder();
            for (Object thing : things) {
                pem.append(TestAuthority.pem(thing));
            }
            Files.writeString(directory.resolve(name), pem);
        }

        @Test
        void anAuthorityThatIsNamedIsBelieved() throws Exception {
            TestAuthority authority = new TestAuthority("cluster");
            URI url = serve(
                    https(authority.serverContext(authority.issue("EC", 256)), false), HttpBootstrapTest::sendDocument);
            write("ca.crt", new TestAuthority("another").certificate(), authority.certificate());
            assertThat(new HttpBootstrap(url, TlsFiles.in(directory), executor).find(LONG))
                    .containsExactly(PEER);
        }

        @Test
        void anotherAuthorityIsNot() throws Exception {
            TestAuthority authority = new TestAuthority("cluster");
            URI url = serve(
                    https(authority.serverContext(authority.issue("EC", 256)), false), HttpBootstrapTest::sendDocument);
            assertThatThrownBy(() -> new HttpBootstrap(url, TlsFiles.NONE, executor).find(LONG))
                    .isInstanceOf(RoutingException.class)
                    .hasMessageContaining("SSLHandshakeException");
        }

        /** In the forms that cert-manager writes: PKCS #1 and SEC 1 by default, PKCS #8 if told to. */
        @Test
        void showsItsCertificateWithAKeyOfAnyForm() throws Exception {
            TestAuthority authority = new TestAuthority("cluster");
            URI url = serve(
                    https(authority.serverContext(authority.issue("EC", 256)), true), HttpBootstrapTest::sendDocument);
            write("ca.crt", authority.certificate());
            TestAuthority.Identity rsa = authority.issue("RSA", 2048);
            TestAuthority.Identity ec = authority.issue("EC", 256);
            HttpBootstrap bootstrap = null;
            for (TestAuthority.Identity identity : List.of(rsa, ec)) {
                for (Object key : List.of(oldForm(identity.key()), pkcs8(identity.key()))) {
                    write("tls.crt", identity.certificate(), authority.certificate());
                    write("tls.key", key);
                    if (bootstrap == null) {
                        bootstrap = new HttpBootstrap(url, TlsFiles.in(directory), executor);
                    }
                    // From the second on: the files have changed under it.
                    assertThat(bootstrap.find(LONG)).containsExactly(PEER);
                }
            }
        }

        private Object oldForm(PrivateKey key) throws IOException {
            return key instanceof ECPrivateKey ec
                    ? new PemObject(
                            "EC PRIVATE KEY",
                            new org.bouncycastle.asn1.sec.ECPrivateKey(256, ec.getS(), SECObjectIdentifiers.secp256r1)
                                    .getEncoded())
                    : key;
        }

        private Object pkcs8(PrivateKey key) throws IOException {
            return new JcaPKCS8Generator(key, null);
        }

        @Test
        void withoutACertificateItIsRefusedByAServerThatWantsOne() throws Exception {
            TestAuthority authority = new TestAuthority("cluster");
            URI url = serve(
                    https(authority.serverContext(authority.issue("EC", 256)), true), HttpBootstrapTest::sendDocument);
            write("ca.crt", authority.certificate());
            HttpBootstrap bootstrap = new HttpBootstrap(url, TlsFiles.in(directory), executor);
            assertThatThrownBy(() -> bootstrap.find(LONG)).isInstanceOf(RoutingException.class);
        }

        @Test
        void filesThatHoldSomethingElseAreAnErrorThatShowsNothingOfThem() throws Exception {
            URI url = URI.create("https://127.0.0.1:9/id");
            Files.writeString(directory.resolve("ca.crt"), "secret");
            assertThatThrownBy(() -> new HttpBootstrap(url, TlsFiles.in(directory), executor).find(LONG))
                    .isInstanceOf(RoutingException.class)
                    .hasMessageContaining("no certificate in the authorities' file")
                    .hasMessageNotContaining("secret");
        }

        @Test
        void certificateAndKeyGoTogether() throws Exception {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TlsFiles.in(directory))
                    .withMessageContaining("none of");
            Files.writeString(directory.resolve("tls.crt"), "");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TlsFiles.in(directory))
                    .withMessageContaining("no key");
            assertThatThrownBy(() -> TlsFiles.in(directory.resolve("missing"))).isInstanceOf(IOException.class);
        }
    }
}
