package dev.spegel.registry;

import dev.spegel.oci.StoredMediaType;
import dev.spegel.routing.Key;
import dev.spegel.routing.Router;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.server.Response;

/**
 * Answers with what peers hold. A peer that fails before anything was sent is replaced by the next; one that fails afterwards too, from
 * the byte reached. Nothing is sent of a manifest or a small blob before its digest was checked.
 */
final class Mirror {
    /** "A few MiB": all manifests and configs, and small layers. The buffers that hold it come from the same bounded memory. */
    private static final long MAX_CHECKED_FIRST_BYTES = StoredMediaType.MAX_DOCUMENT_BYTES;

    private final Router router;
    private final PeerSearch.Peers peers;
    private final TransferBuffers buffers;
    private final SlowReaders slowReaders;
    private final RegistryConfig config;
    private final RegistryMetrics metrics;

    Mirror(
            Router router,
            PeerSearch.Peers peers,
            TransferBuffers buffers,
            SlowReaders slowReaders,
            RegistryConfig config,
            RegistryMetrics metrics) {
        this.router = router;
        this.peers = peers;
        this.buffers = buffers;
        this.slowReaders = slowReaders;
        this.config = config;
        this.metrics = metrics;
    }

    /**
     * Answers from a peer.
     *
     * @throws BrokenBodyException if the answer has begun and can't be completed
     */
    Outcome serve(ContentRequest request, Key key, Response response) throws IOException, InterruptedException {
        try (PeerSearch search = new PeerSearch(request, key, router, peers, config.mirror(), metrics)) {
            while (true) {
                Optional<Source> source = search.next(request.range());
                if (source.isEmpty()) {
                    return search.unsatisfiedSize().isPresent()
                            ? new Outcome.RangeNotSatisfiable(
                                    search.unsatisfiedSize().getAsLong())
                            : new Outcome.NotMirrored(search.attempts());
                }
                try (Source content = source.get()) {
                    Optional<Outcome> outcome = send(request, content, search, response);
                    if (outcome.isPresent()) {
                        return outcome.get();
                    }
                }
            }
        }
    }

    /** Empty if this peer's content is of no use and nothing was sent. */
    private Optional<Outcome> send(ContentRequest request, Source source, PeerSearch search, Response response)
            throws IOException, InterruptedException {
        ContentHeaders headers = source.headers();
        if (request.head()) {
            headers.putInto(response, request, servedBy(source));
            new Body(response).end();
            return Optional.of(new Outcome.Sent());
        }
        if (headers.whole() && headers.sizeBytes() <= MAX_CHECKED_FIRST_BYTES) {
            // A blob needn't wait for several: it can also be sent as it comes.
            Duration limit = request.forManifest() ? config.mirror().metadataLimit() : Duration.ZERO;
            Optional<TransferBuffers.Lease> room = buffers.acquireFor(headers.sizeBytes(), limit);
            if (room.isPresent()) {
                try (TransferBuffers.Lease lease = room.get()) {
                    return sendChecked(request, source, search, response, new Piece(lease.all()));
                }
            }
            if (request.forManifest()) {
                return Optional.of(new Outcome.Busy());
            }
        }
        Optional<TransferBuffers.Lease> lease =
                buffers.acquire(headers.length(), config.transfer().bufferWait());
        if (lease.isEmpty()) {
            slowReaders.refused();
            return Optional.of(new Outcome.Busy());
        }
        try (TransferBuffers.Lease buffer = lease.get()) {
            MirroredBody body = new MirroredBody(headers, search, buffer, metrics);
            if (!body.begin(source)) {
                return Optional.empty();
            }
            headers.putInto(response, request, servedBy(source));
            metrics.peerGives(response.getRequest());
            try (Body target = Body.large(response, slowReaders.watch())) {
                body.send(source, target);
            }
            return Optional.of(new Outcome.Sent());
        }
    }

    private Optional<Outcome> sendChecked(
            ContentRequest request, Source source, PeerSearch search, Response response, Piece whole)
            throws ClientGoneException, BrokenBodyException, InterruptedException {
        ContentHeaders headers = source.headers();
        MessageDigest hash = headers.digest().algorithm().newMessageDigest();
        try {
            whole.clear(headers.sizeBytes());
            while (whole.hasRemaining()) {
                source.read(whole);
            }
            whole.flip();
            whole.hashWith(hash);
        } catch (IOException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while reading from a peer");
            }
            search.failed(source, e);
            return Optional.empty();
        }
        if (!headers.digest().equals(MirroredBody.hashed(headers, hash))) {
            search.lied(List.of(source), new IOException("its bytes don't have the digest"));
            return Optional.empty();
        }
        search.verified(source);
        headers.putInto(response, request, servedBy(source));
        metrics.peerGives(response.getRequest());
        Body body = new Body(response);
        if (whole.hasRemaining()) {
            body.write(true, whole);
            metrics.moved(RegistryMetrics.Flow.RELAYED, headers.sizeBytes());
        } else {
            body.end();
        }
        return Optional.of(new Outcome.Sent());
    }

    /** The address that a person would try, not the peer's ID. */
    private static String servedBy(Source source) {
        InetSocketAddress address = source.peer().registryAddresses().get(0);
        return HttpPeerClient.hostAndPort(address);
    }
}
