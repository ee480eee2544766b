package dev.spegel.agent;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/** A web server on loopback that answers every request as a test says. */
final class IdServer implements AutoCloseable {
    private final HttpServer server;
    private final String scheme;
    private volatile String answer = "[]";

    private IdServer(HttpServer server, String scheme) {
        this.server = server;
        this.scheme = scheme;
        server.createContext("/", this::serve);
        server.start();
    }

    static IdServer plain() throws IOException {
        return new IdServer(HttpServer.create(anyPort(), 0), "http");
    }

    static IdServer tls(TestCertificates certificates) throws IOException, GeneralSecurityException {
        HttpsServer server = HttpsServer.create(anyPort(), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(certificates.serverContext()));
        return new IdServer(server, "https");
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** From now on. */
    void answer(String text) {
        answer = text;
    }

    URI url() {
        return URI.create(
                "%s://127.0.0.1:%d/id".formatted(scheme, server.getAddress().getPort()));
    }

    private void serve(HttpExchange exchange) throws IOException {
        byte[] body = answer.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
