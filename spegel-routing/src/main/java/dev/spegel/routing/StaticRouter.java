package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Quoted;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds content by asking a fixed list of peers, over HTTP, whether they have it. For a handful of machines without a DHT.
 *
 * <p>A search sends HEAD to all peers at once, with {@code X-Spegel-Mirrored: true} so that they answer for themselves; those that
 * answer 200 are found in the order of their answers. Searches for one key share its questions and, for some seconds after,
 * its results ({@link StaticRouterConfig#foundLifetime}, {@link StaticRouterConfig#missLifetime}). A search belongs to none of
 * those who wait for it, and ends by itself within {@link StaticRouterConfig#peerLimit}.
 *
 * <p>A host name is resolved each time its peer is asked. Where it has several addresses, they are taken for one node's and tried
 * in turn. What nodes hold is asked, not told, so {@link #advertise} and {@link #withdraw} do nothing.
 *
 * <p>Bounds: at {@link StaticRouterConfig#maxSearches} running searches a look-up of another key ends at once, with nothing found;
 * beyond {@link StaticRouterConfig#maxCachedKeys} the result that was least recently asked for is forgotten.
 */
public final class StaticRouter implements Router {
    private static final Logger log = LoggerFactory.getLogger(StaticRouter.class);

    /** How old the knowledge behind {@link #ready} may get; a readiness probe asks every few seconds. */
    private static final Duration PROBE_INTERVAL = Duration.ofSeconds(10);

    /** Nothing expires, so there is no reason to repeat anything. */
    private static final Duration ADVERTISEMENT_INTERVAL = Duration.ofDays(1);

    private final SharedSearches searches;
    private final List<StaticPeer> peers;
    private final LongSupplier nanoClock;
    private final AtomicLong probedAtNanos;
    private volatile boolean closed;

    /**
     * Starts to find out which peers are there, and returns at once.
     *
     * @param executor runs name look-ups, which may block, and the handling of answers, which doesn't; the caller shuts it down
     *     after this router
     * @param nanoClock like {@link System#nanoTime}
     */
    public StaticRouter(StaticRouterConfig config, Executor executor, LongSupplier nanoClock) {
        this.nanoClock = requireNonNull(nanoClock, "nanoClock");
        this.searches = new SharedSearches(
                new SearchLimits(
                        config.foundLifetime(),
                        config.foundLifetime(),
                        config.missLifetime(),
                        config.maxCachedKeys(),
                        config.maxSearches()),
                nanoClock);
        PeerHttp client = new PeerHttp(config, executor);
        this.peers = config.peers().stream()
                .map(address -> new StaticPeer(address, config, client, executor))
                .toList();
        this.probedAtNanos = new AtomicLong(nanoClock.getAsLong());
        probe();
    }

    /**
     * Whether at least one peer answered when it was last asked. Peers are asked by look-ups, at the start, and in the background
     * when this is called and the last time is more than 10 s ago. So one peer that is down does no harm, and a node whose
     * peers have all gone says so at the second call after that.
     */
    @Override
    public boolean ready() {
        if (closed) {
            return false;
        }
        long now = nanoClock.getAsLong();
        long last = probedAtNanos.get();
        if (now - last >= PROBE_INTERVAL.toNanos() && probedAtNanos.compareAndSet(last, now)) {
            probe();
        }
        return peers.stream().anyMatch(peer -> peer.reachable().isPresent());
    }

    @SuppressWarnings("FutureReturnValueIgnored") // never fails; the peer itself remembers whether it answered
    private void probe() {
        peers.forEach(peer -> peer.ask(PeerQuestion.ANYBODY_THERE));
    }

    @Override
    public Lookup lookup(Key key, int maxPeers) {
        SharedSearch.requireMaxPeers(maxPeers);
        return PeerQuestion.about(key)
                .map(question -> searches.lookup(key, maxPeers, search -> start(key, question, search)))
                .orElseGet(searches::nothing);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // whatever comes of it ends the search
    private void start(Key key, PeerQuestion question, SharedSearch search) {
        CompletableFuture<?>[] answers = peers.stream()
                .map(peer -> peer.ask(question).thenAccept(answer -> answer.ifPresent(search::add)))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(answers).whenComplete((nothing, failure) -> {
            if (failure != null) {
                log.error("Search for {} failed", Quoted.of(key.text()), failure); // asking never fails: a bug of ours
            }
            search.end();
        });
    }

    /**
     * Does nothing: peers ask.
     *
     * @throws RoutingException if this router is closed
     */
    @Override
    public void advertise(Collection<Key> keys) throws RoutingException {
        requireOpen();
    }

    /**
     * Does nothing: peers ask.
     *
     * @throws RoutingException if this router is closed
     */
    @Override
    public void withdraw(Collection<Key> keys) throws RoutingException {
        requireOpen();
    }

    @Override
    public String kind() {
        return "static";
    }

    /** A day: nothing expires. */
    @Override
    public Duration advertisementInterval() {
        return ADVERTISEMENT_INTERVAL;
    }

    /** Those that answered when they were last asked. */
    @Override
    public List<Peer> peers() {
        return closed
                ? List.of()
                : peers.stream().flatMap(peer -> peer.reachable().stream()).toList();
    }

    /** Questions that are out end by themselves, within {@link StaticRouterConfig#peerLimit}. */
    @Override
    public void close() {
        closed = true;
        searches.close();
    }

    private void requireOpen() throws RoutingException {
        if (closed) {
            throw new RoutingException("this router is closed");
        }
    }
}
