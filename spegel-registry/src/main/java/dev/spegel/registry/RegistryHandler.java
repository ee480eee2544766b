package dev.spegel.registry;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.ErrorBody;
import dev.spegel.oci.ErrorCode;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.Quoted;
import dev.spegel.oci.RangeSpec;
import dev.spegel.oci.RegistryPath;
import dev.spegel.oci.store.ContentStore;
import dev.spegel.oci.store.StoreException;
import dev.spegel.routing.Key;
import dev.spegel.routing.Router;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * The OCI distribution API (v1.1.1) under {@code /v2/}, read-only: answers from the store, and what that lacks from a peer that has it.
 * Other paths are left to the next handler. Any Jetty server can mount it, in a context too.
 *
 * <p>A miss is a quick 404, so that containerd goes on to the real registry. A request that carries {@code X-Spegel-Mirrored: true}
 * comes from a peer and is answered from the store alone; so is one that a peer sent here, which has {@code spegel-redirected=true} in
 * its query. Registry and repository come from the query's {@code ns} and the path, as
 * containerd sends them, or from the path alone, {@code /v2/docker.io/library/app/…}, as other clients do.
 *
 * <p>Each request has a name, the client's {@code X-Request-Id} or one by chance. The answer says it, peers that are asked are told it,
 * and what is logged meanwhile has it as {@code request} in the context (SLF4J's {@code MDC}).
 *
 * <p>Requests block a thread of the server until they are answered. The handler closes neither the store nor the router.
 */
public final class RegistryHandler extends Handler.Abstract {
    /** The loop guard: a node that mirrors says so, with the value {@code true}. */
    static final String MIRRORED = "X-Spegel-Mirrored";

    private static final Logger LOG = LoggerFactory.getLogger(RegistryHandler.class);

    private final RegistryConfig config;
    private final RegistryMetrics metrics;
    private final LocalContent local;
    private final Router router;
    private final TransferBuffers buffers;
    private final SlowReaders slowReaders;
    private final PeerQuarantine quarantine;
    private final PeerLoads loads = new PeerLoads(System::nanoTime);
    private final HedgeDelays delays;
    private final Access access;
    private final RequestListener listener;
    /** These four are there while the handler is started. */
    private @Nullable PeerClient client;

    private @Nullable AttemptThreads attempts;
    private @Nullable Mirror mirror;
    private @Nullable Redirects redirects;

    /**
     * Store and router stay the caller's, to be closed after the server has stopped.
     *
     * @param meters gets what docs/configuration.md lists as {@code spegel_mirror_…}, {@code spegel_upload_…} and {@code spegel_transfer_…}
     */
    public RegistryHandler(RegistryConfig config, ContentStore store, Router router, MeterRegistry meters) {
        this(config, store, router, meters, RequestListener.NONE);
    }

    /**
     * @param meters may be another handler's as well: gauges then show what both have, counters count for both
     * @param listener is told of each request for content
     */
    public RegistryHandler(
            RegistryConfig config, ContentStore store, Router router, MeterRegistry meters, RequestListener listener) {
        this.config = requireNonNull(config, "config");
        requireNonNull(store, "store");
        this.router = requireNonNull(router, "router");
        requireNonNull(meters, "meters");
        this.listener = requireNonNull(listener, "listener");
        buffers = new TransferBuffers(config.transfer());
        quarantine = new PeerQuarantine(config.mirror().quarantine(), System::nanoTime);
        delays = new HedgeDelays(config.mirror().hedging());
        Uploads uploads = new Uploads(config.upload(), System::nanoTime);
        RegistryLabels labels = new RegistryLabels(store, config.filter().namedRegistries(), System::nanoTime);
        metrics = new RegistryMetrics(meters, router.kind(), buffers, quarantine, uploads, labels);
        slowReaders = new SlowReaders(
                () -> buffers.waiting() + uploads.waiting(), config.transfer().slowReaderPatience(), System::nanoTime);
        local = new LocalContent(store, buffers, slowReaders, uploads, config, metrics);
        access = new Access(config.credentials());
    }

    /**
     * The peers that sent wrong bytes and therefore are asked only if nobody else has something: their IDs, and for how much longer.
     * From any thread.
     */
    public Map<String, Duration> quarantine() {
        return quarantine.current();
    }

    /** The peers that were asked for content lately, or are being asked: by their IDs, at most some thousand. From any thread. */
    public Map<String, PeerLoad> peerLoads() {
        return loads.current();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        String path = rawPathInContext(request);
        if (!path.equals("/v2") && !path.startsWith("/v2/")) {
            return false;
        }
        RegistryMetrics.InFlight inFlight = metrics.begin(handlerName(path));
        String id = RequestId.assign(request, response);
        Request.addCompletionListener(request, failure -> {
            long bytes = Response.getContentBytesWritten(response);
            RequestId.logging(
                    id,
                    () -> LOG.debug(
                            "{} {}: {}, {} bytes", method(request), Quoted.of(path), response.getStatus(), bytes));
            inFlight.end(method(request), response.getStatus(), bytes);
        });
        MDC.put(RequestId.LOG_KEY, id);
        try {
            answer(request, path, response, callback);
        } catch (OciSyntaxException e) {
            OciErrors.send(response, callback, e.code(), e.getMessage());
        } catch (ClientGoneException e) {
            LOG.debug("{} {}: {}", request.getMethod(), Quoted.of(path), e.getMessage());
            callback.failed(e);
        } catch (BrokenBodyException e) {
            LOG.warn("{} {} broke off: {}", request.getMethod(), Quoted.of(path), e.getMessage());
            if (e.wrong()) {
                Connections.reset(request);
            } else {
                Connections.finish(request);
            }
            callback.failed(e);
        } finally {
            MDC.remove(RequestId.LOG_KEY);
        }
        return true;
    }

    @Override
    protected void doStart() throws Exception {
        client = new HttpPeerClient(config.mirror(), config.credentials(), config.tls());
        attempts = new AttemptThreads();
        PeerSearch.Peers peers = new PeerSearch.Peers(client, loads, quarantine, delays, attempts);
        mirror = new Mirror(router, peers, buffers, slowReaders, config, metrics);
        redirects = new Redirects(router, peers, config, metrics);
        super.doStart();
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        if (attempts != null) {
            attempts.close();
        }
        if (client != null) {
            client.close();
        }
    }

    private void answer(Request request, String path, Response response, Callback callback)
            throws IOException, InterruptedException {
        boolean head = HttpMethod.HEAD.is(request.getMethod());
        if (!head && !HttpMethod.GET.is(request.getMethod())) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
            OciErrors.send(response, callback, ErrorCode.UNSUPPORTED, "only GET and HEAD are supported");
            return;
        }
        Optional<String> namespace = parameter(request, "ns");
        if (!access.granted(request)) {
            access.refuse(response, callback, namespace.isPresent());
            return;
        }
        RegistryPath parsed =
                namespace.isPresent() ? RegistryPath.parse(path, namespace.get()) : RegistryPath.parse(path);
        if (parsed instanceof RegistryPath.Root) {
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, 0);
            new Body(response).end();
            callback.succeeded();
        } else if (parsed instanceof RegistryPath.Content content) {
            answer(request, head, content, response, callback);
        } else {
            OciErrors.send(
                    response,
                    callback,
                    HttpStatus.NOT_FOUND_404,
                    ErrorBody.of(ErrorCode.UNSUPPORTED, "only manifests and blobs are served here"));
        }
    }

    private void answer(Request request, boolean head, RegistryPath.Content path, Response response, Callback callback)
            throws IOException, InterruptedException {
        Optional<RangeSpec> range;
        try {
            range = head || !(path instanceof RegistryPath.Blob) ? Optional.empty() : range(request);
        } catch (OciSyntaxException e) {
            OciErrors.send(
                    response,
                    callback,
                    HttpStatus.RANGE_NOT_SATISFIABLE_416,
                    ErrorBody.of(ErrorCode.UNSUPPORTED, "malformed range", e.getMessage()));
            return;
        }
        ContentRequest content =
                new ContentRequest(head, path, range, asker(request), RequestId.assign(request, response));
        if (!config.filter().admits(path.registry(), path.repository(), content.tagName())) {
            OciErrors.send(response, callback, content.unknown(), "this mirror's filters leave it out");
            return;
        }
        Optional<Key> key = content.key();
        if (key.isEmpty()) {
            OciErrors.send(
                    response,
                    callback,
                    ErrorCode.NAME_UNKNOWN,
                    "a tag needs its registry: ?ns=<registry>, or the registry as the path's first component");
            return;
        }
        AnswerWatch watch = new AnswerWatch(listener, content, request, response);
        try {
            Outcome outcome = serve(content, key.get(), request, response);
            finish(content, outcome, response, watch.around(outcome, callback));
        } catch (IOException e) {
            watch.broke(e);
            throw e;
        }
    }

    private Outcome serve(ContentRequest content, Key key, Request request, Response response)
            throws IOException, InterruptedException {
        Outcome outcome;
        try {
            outcome = local.serve(content, request, response);
        } catch (StoreException e) {
            // For a client this is a miss like others: peers, or in the end the real registry, will have it.
            LOG.warn("the store can't serve {}: {}", key, e.getMessage());
            outcome = new Outcome.Absent();
        }
        return outcome instanceof Outcome.Absent && !content.asker().isOtherNode()
                ? mirror(content, key, response)
                : outcome;
    }

    private Outcome mirror(ContentRequest content, Key key, Response response)
            throws IOException, InterruptedException {
        boolean hit = false;
        try {
            Outcome outcome = config.mode() == MirrorMode.REDIRECT && Redirects.concern(content)
                    ? requireNonNull(redirects, "the handler isn't started").serve(content, key, response)
                    : requireNonNull(mirror, "the handler isn't started").serve(content, key, response);
            hit = outcome instanceof Outcome.Sent;
            if (outcome instanceof Outcome.NotMirrored missed) {
                LOG.debug("{} isn't mirrored: {}", key, missed.reasons());
            }
            return outcome;
        } catch (ClientGoneException e) {
            hit = true; // up to there all was well
            throw e;
        } finally {
            metrics.mirrored(content.path().registry(), hit, Instant.now().getEpochSecond());
        }
    }

    /** A client of this node's goes on to the real registry; another node to its next peer. */
    private void busy(ContentRequest content, Response response, Callback callback) {
        if (content.asker().isOtherNode()) {
            metrics.uploadRefused();
            OciErrors.sendTooManyRequests(response, callback, config.upload().retryAfter());
        } else {
            OciErrors.send(response, callback, content.unknown(), "all transfer buffers are in use");
        }
    }

    private void finish(ContentRequest content, Outcome outcome, Response response, Callback callback) {
        if (outcome instanceof Outcome.Sent) {
            callback.succeeded();
        } else if (outcome instanceof Outcome.RangeNotSatisfiable range) {
            OciErrors.sendRangeNotSatisfiable(response, callback, range.sizeBytes());
        } else if (outcome instanceof Outcome.Busy) {
            busy(content, response, callback);
        } else if (outcome instanceof Outcome.OtherKind) {
            OciErrors.send(
                    response,
                    callback,
                    content.unknown(),
                    content.forManifest() ? "the digest is that of a blob" : "the digest is that of a manifest");
        } else if (outcome instanceof Outcome.NotMirrored missed) {
            OciErrors.send(response, callback, content.unknown(), missed.reasons());
        } else {
            OciErrors.send(response, callback, content.unknown(), "this node doesn't have it");
        }
    }

    /** The range to send. Without a validator of ours no {@code If-Range} can match, so then it is all: RFC 9110, section 13.1.5. */
    private static Optional<RangeSpec> range(Request request) {
        List<String> ranges = request.getHeaders().getValuesList(HttpHeader.RANGE);
        return ranges.size() != 1 || request.getHeaders().contains(HttpHeader.IF_RANGE)
                ? Optional.empty()
                : RangeSpec.parse(ranges.get(0));
    }

    private static Asker asker(Request request) {
        if (parameter(request, ContentRequest.REDIRECTED).equals(Optional.of("true"))) {
            return Asker.REDIRECTED;
        }
        if ("true".equals(request.getHeaders().get(MIRRORED))) {
            return Asker.NODE;
        }
        return parameter(request, "ns").isPresent() ? Asker.CONTAINERD : Asker.CLIENT;
    }

    private static Optional<String> parameter(Request request, String name) {
        try {
            Fields.Field field = Request.extractQueryParameters(request).get(name);
            if (field == null) {
                return Optional.empty();
            }
            if (field.getValues().size() > 1) {
                throw new OciSyntaxException(
                        ErrorCode.NAME_INVALID, "there is one %s in a query, got several".formatted(name));
            }
            return Optional.of(field.getValue());
        } catch (IllegalArgumentException | HttpException.RuntimeException e) {
            throw new OciSyntaxException(
                    ErrorCode.NAME_INVALID,
                    "a query is name=value pairs in UTF-8, got "
                            + Quoted.of(String.valueOf(request.getHttpURI().getQuery())),
                    e);
        }
    }

    /** The path as the client sent it: what Jetty has decoded and tidied can't be told from the real thing any more. */
    private static String rawPathInContext(Request request) {
        String path = request.getHttpURI().getPath();
        String context = Request.getContextPath(request);
        if (path == null) {
            return "";
        }
        // A server without a ContextHandler has a context without a path.
        boolean inContext = context != null && !context.equals("/") && path.startsWith(context);
        return inContext ? path.substring(context.length()) : path;
    }

    /** The route for metrics; nothing of it comes from the client. */
    private static String handlerName(String path) {
        if (path.contains("/manifests/")) {
            return "/v2/{name}/manifests/{reference}";
        }
        return path.contains("/blobs/") ? "/v2/{name}/blobs/{digest}" : "/v2/";
    }

    /** The method for metrics; a stranger may invent others. */
    private static String method(Request request) {
        String method = request.getMethod();
        return HttpMethod.GET.is(method) || HttpMethod.HEAD.is(method) ? method : "other";
    }
}
