package dev.spegel.registry;

import dev.spegel.oci.ContentRange;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.Quoted;
import dev.spegel.oci.RangeSpec;
import dev.spegel.routing.Key;
import dev.spegel.routing.Lookup;
import dev.spegel.routing.Peer;
import dev.spegel.routing.PeerLoads;
import dev.spegel.routing.Router;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The search for a peer that gives the content of one request: one peer after the other, the least used of those at hand first, nobody
 * twice. Used by one thread.
 *
 * <p>Which peers to ask and when is decided here alone, so asking several at once belongs here too.
 */
final class PeerSearch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PeerSearch.class);

    /** What an error's detail and a log line list; a lookup gives about three. */
    private static final int MAX_REPORTED_ATTEMPTS = 8;

    private final ContentRequest request;
    private final Key key;
    private final Router router;
    private final PeerClient client;
    private final PeerLoads loads;
    private final PeerQuarantine quarantine;
    private final MirrorConfig config;
    private final RegistryMetrics metrics;
    private final long startNanos = System.nanoTime();
    private final long endNanos;

    private final Set<String> asked = new HashSet<>();
    private final List<Peer> atHand = new ArrayList<>();
    private final List<String> attempts = new ArrayList<>();
    private OptionalLong unsatisfiedSize = OptionalLong.empty();
    private Lookup lookup;
    private boolean ended;
    private boolean resolved;
    private boolean gaveUp;

    PeerSearch(
            ContentRequest request,
            Key key,
            Router router,
            PeerClient client,
            PeerLoads loads,
            PeerQuarantine quarantine,
            MirrorConfig config,
            RegistryMetrics metrics) {
        this.request = request;
        this.key = key;
        this.router = router;
        this.client = client;
        this.loads = loads;
        this.quarantine = quarantine;
        this.config = config;
        this.metrics = metrics;
        endNanos = startNanos + config.metadataLimit().toNanos();
        lookup = router.lookup(key, config.maxPeers());
    }

    /**
     * The next peer's answer that is one to the request, its body still unread; empty if there is none left. The caller closes it.
     *
     * @param range what to ask for instead of what the client wants
     */
    Optional<Source> next(Optional<RangeSpec> range) throws InterruptedException {
        while (true) {
            Optional<Peer> peer = nextPeer();
            if (peer.isEmpty()) {
                return Optional.empty();
            }
            Optional<Source> source = ask(peer.get(), range);
            if (source.isPresent()) {
                return source;
            }
        }
    }

    /** Looks peers up again, for those that have come since; who was asked before stays out. */
    void refresh() {
        lookup.close();
        ended = false;
        lookup = router.lookup(key, config.maxPeers() + asked.size());
    }

    /** Notes that a peer's answer turned out to be of no use. */
    void failed(Peer peer, IOException reason) {
        report(peer, String.valueOf(reason.getMessage()));
    }

    /** Notes that a peer sent other bytes than it should have, and keeps it out of all searches for a while. */
    void lied(Peer peer, IOException reason) {
        LOG.warn("peer {} sent wrong bytes for {}: {}", Quoted.of(peer.id()), key, reason.getMessage());
        quarantine.add(peer);
        report(peer, String.valueOf(reason.getMessage()));
    }

    /** What was tried, in words. */
    String attempts() {
        if (!attempts.isEmpty()) {
            return "no peer gave it: " + String.join("; ", attempts);
        }
        return gaveUp
                ? "no peer was found within %d ms"
                        .formatted(config.lookupLimit().toMillis())
                : "no peer has it";
    }

    /** The size of the content, if a peer has it and says that the range asked for lies outside it. */
    OptionalLong unsatisfiedSize() {
        return unsatisfiedSize;
    }

    @Override
    public void close() {
        lookup.close();
    }

    private Optional<Peer> nextPeer() throws InterruptedException {
        collect(Duration.ZERO);
        if (atHand.isEmpty()) {
            collect(config.lookupLimit());
            gaveUp = atHand.isEmpty() && !ended; // somebody may have it; that is something else than that nobody has
        }
        if (metadata() && endNanos - System.nanoTime() <= 0) {
            attempts.add(
                    "the limit of %d ms passed".formatted(config.metadataLimit().toMillis()));
            return Optional.empty();
        }
        Optional<Peer> chosen = loads.leastUsed(atHand);
        chosen.ifPresent(peer -> {
            atHand.remove(peer);
            asked.add(peer.id());
        });
        return chosen;
    }

    /** Takes the peers that the lookup has found. Waits for the first that is of use, but not for others. */
    private void collect(Duration limit) throws InterruptedException {
        Duration wait = limit;
        while (!ended) {
            Lookup.Next next = lookup.next(wait);
            if (next instanceof Lookup.Found found) {
                noteResolved();
                if (!asked.contains(found.peer().id()) && !quarantine.contains(found.peer())) {
                    atHand.add(found.peer());
                    wait = Duration.ZERO;
                }
            } else {
                ended = next instanceof Lookup.Ended;
                return;
            }
        }
    }

    private Optional<Source> ask(Peer peer, Optional<RangeSpec> range) throws InterruptedException {
        PeerLoads.Use use = loads.begin(peer);
        PeerClient.Answer answer = null;
        try {
            answer = client.send(
                    peer,
                    new PeerClient.Question(request.head(), request.pathAndQuery(), range.map(RangeSpec::toString)),
                    headersLimit());
            noteUnsatisfied(answer);
            return Optional.of(new Source(peer, PeerAnswers.check(request, range, answer), answer, use));
        } catch (IOException e) {
            if (answer != null) {
                answer.close();
            }
            use.close();
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while asking peer " + Quoted.of(peer.id()));
            }
            failed(peer, e);
            return Optional.empty();
        }
    }

    private void noteUnsatisfied(PeerClient.Answer answer) {
        if (answer.status() == 416 && answer.header("Content-Range").isPresent()) {
            try {
                unsatisfiedSize =
                        ContentRange.parse(answer.header("Content-Range").get()).sizeBytes();
            } catch (OciSyntaxException e) {
                LOG.debug("a peer answered 416: {}", e.getMessage());
            }
        }
    }

    private void noteResolved() {
        if (!resolved) {
            resolved = true;
            metrics.resolved(Duration.ofNanos(System.nanoTime() - startNanos));
        }
    }

    private Duration headersLimit() {
        Duration left = HttpPeerClient.left(endNanos);
        return metadata() && left.compareTo(config.headersLimit()) < 0 ? left : config.headersLimit();
    }

    private boolean metadata() {
        return request.head() || request.forManifest();
    }

    private void report(Peer peer, String reason) {
        LOG.debug("peer {} doesn't give {}: {}", Quoted.of(peer.id()), key, reason);
        if (attempts.size() < MAX_REPORTED_ATTEMPTS) {
            attempts.add(peer.id() + ": " + reason);
        }
    }
}
