package dev.spegel.routing.bootstrap;

import static java.util.Objects.requireNonNull;

import dev.spegel.libp2p.multiformats.Quoted;
import dev.spegel.routing.RoutingException;
import dev.spegel.routing.tls.ReloadedTls;
import dev.spegel.routing.tls.TlsFiles;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;

/**
 * Peers that a web server names in a {@link BootstrapDocument}, another node's {@code /id} for instance: as
 * {@code --http-bootstrap-url} of the Go implementation. This is the asking side; an HTTP server that has
 * {@link BootstrapDocument#write} is the other.
 */
public final class HttpBootstrap implements Bootstrapper {
    private final URI url;
    private final TlsFiles tls;
    private final Executor executor;
    private final ReentrantLock lock = new ReentrantLock();
    private Optional<Secured> client = Optional.empty();

    /** A client, and what its security is made of. */
    private record Secured(ReloadedTls tls, SSLContext context, HttpClient client) {}

    /**
     * One that has fetched nothing yet.
     *
     * @param url {@code http} or {@code https}
     * @param executor runs what must not block the client's own thread: handshakes and the reading of answers
     * @throws IllegalArgumentException if it's another URL
     */
    public HttpBootstrap(URI url, TlsFiles tls, Executor executor) {
        this.url = requireNonNull(url, "url");
        this.tls = requireNonNull(tls, "tls");
        this.executor = requireNonNull(executor, "executor");
        boolean http = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
        if (!http || url.getHost() == null) {
            throw new IllegalArgumentException(
                    "needs a URL with http or https and a host, got " + Quoted.of(shown(url)));
        }
    }

    @Override
    public List<BootstrapPeer> find(Duration limit) throws RoutingException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> answer;
        try {
            HttpRequest request = HttpRequest.newBuilder(url)
                    .header("Accept", BootstrapDocument.MEDIA_TYPE)
                    .timeout(limit)
                    .build();
            answer = client(limit).sendAsync(request, info -> new BoundedBody(BootstrapDocument.MAX_BYTES));
        } catch (IOException e) {
            throw failed(e);
        }
        try {
            HttpResponse<byte[]> response = answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            if (response.statusCode() != 200) {
                throw new RoutingException("%s answers with status %d".formatted(this, response.statusCode()));
            }
            return BootstrapDocument.read(response.body());
        } catch (ExecutionException e) {
            throw failed(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw new RoutingException("%s hasn't answered within %s".formatted(this, limit), e);
        } finally {
            answer.cancel(true); // ends what is under way, if anything is
        }
    }

    private RoutingException failed(Throwable cause) {
        return new RoutingException("%s can't be asked: %s".formatted(this, cause), cause);
    }

    private HttpClient client(Duration limit) throws IOException {
        lock.lock();
        try {
            ReloadedTls secrets = client.isPresent() ? client.get().tls() : ReloadedTls.of(tls);
            secrets.refresh();
            if (client.isPresent() && client.get().context() == secrets.get()) {
                return client.get().client();
            }
            HttpClient fresh = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NORMAL)
                    .connectTimeout(limit)
                    .executor(executor)
                    .sslContext(secrets.get())
                    .build();
            // The one before ends by itself once it has nothing to do.
            client = Optional.of(new Secured(secrets, secrets.get(), fresh));
            return fresh;
        } finally {
            lock.unlock();
        }
    }

    /** Without user and password. */
    private static String shown(URI url) {
        return url.getRawUserInfo() == null ? url.toString() : url.toString().replace(url.getRawUserInfo() + "@", "");
    }

    @Override
    public String toString() {
        return shown(url);
    }
}
