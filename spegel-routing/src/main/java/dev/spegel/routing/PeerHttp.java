package dev.spegel.routing;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The HTTP client that peers are asked with: another one once the certificates are others. */
final class PeerHttp implements Supplier<HttpClient> {
    private final Optional<Supplier<SSLContext>> tls;
    private final Duration limit;
    private final Executor executor;
    private volatile Secured current;

    private record Secured(@Nullable SSLContext context, HttpClient client) {}

    PeerHttp(StaticRouterConfig config, Executor executor) {
        tls = config.tls();
        limit = config.peerLimit();
        this.executor = executor;
        current = client(context());
    }

    String scheme() {
        return tls.isPresent() ? "https" : "http";
    }

    /** Two threads may both make a new one; that of the first has then little to do, and ends by itself, as the old one does. */
    @Override
    public HttpClient get() {
        SSLContext context = context();
        Secured known = current;
        if (known.context() != context) {
            known = client(context);
            current = known;
        }
        return known.client();
    }

    private @Nullable SSLContext context() {
        return tls.map(Supplier::get).orElse(null);
    }

    private Secured client(@Nullable SSLContext context) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY) // peers are neighbours
                .connectTimeout(limit)
                .executor(executor);
        if (context != null) {
            builder.sslContext(context);
        }
        return new Secured(context, builder.build());
    }
}
