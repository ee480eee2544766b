package dev.spegel.agent.doctor;

import static java.util.Objects.requireNonNull;

import dev.spegel.routing.Credentials;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/** Asks a registry, with small questions. Not as containerd, which would count. */
final class RegistryClient {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(1);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(3);

    /** The longest manifest that the agent takes from a peer: distribution-spec v1.1.1, "Pushing Manifests", has it as the least maximum. */
    private static final int MAX_BODY_BYTES = 4 * 1024 * 1024;

    private final Optional<Credentials> credentials;
    private final HttpClient http;

    /** @param tls what those with TLS are asked with; the platform's authorities and no certificate otherwise */
    RegistryClient(Optional<Credentials> credentials, Optional<SSLContext> tls) {
        this.credentials = requireNonNull(credentials, "credentials");
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .proxy(HttpClient.Builder.NO_PROXY)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT_LIMIT);
        tls.ifPresent(builder::sslContext);
        http = builder.build();
    }

    /**
     * @param fromStoreAlone whether the registry may not ask other nodes
     * @throws IOException if it doesn't answer, with the reason alone
     */
    Answer ask(String method, URI uri, boolean fromStoreAlone) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(ANSWER_LIMIT)
                .header("User-Agent", "spegel-doctor");
        if (fromStoreAlone) {
            request.header("X-Spegel-Mirrored", "true");
        }
        credentials.ifPresent(
                known -> request.header("Authorization", known.current().headerValue()));
        try {
            HttpResponse<InputStream> response = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream in = response.body()) {
                if (response.statusCode() == HttpURLConnection.HTTP_FORBIDDEN
                        && uri.getScheme().equals("https")) {
                    throw new IOException("it wants a client certificate, or another one");
                }
                return new Answer(response, in.readNBytes(MAX_BODY_BYTES));
            }
        } catch (SSLException e) {
            throw new IOException("there is no TLS connection, " + e.getMessage(), e);
        } catch (ConnectException e) {
            throw new IOException("nothing answers there", e);
        } catch (HttpTimeoutException e) {
            throw new IOException("there is no answer in time", e);
        }
    }

    /** What came back. */
    static final class Answer {
        private final HttpResponse<?> response;
        private final byte[] body;

        private Answer(HttpResponse<?> response, byte[] body) {
            this.response = response;
            this.body = body;
        }

        int status() {
            return response.statusCode();
        }

        /** Empty if there is no such header. */
        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        /** The caller's own. */
        byte[] body() {
            return body.clone();
        }
    }
}
