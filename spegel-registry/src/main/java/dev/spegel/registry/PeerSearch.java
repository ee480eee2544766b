package dev.spegel.registry;

import dev.spegel.oci.ContentRange;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.Quoted;
import dev.spegel.oci.RangeSpec;
import dev.spegel.routing.Key;
import dev.spegel.routing.Lookup;
import dev.spegel.routing.Peer;
import dev.spegel.routing.Router;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The search for a peer that gives the content of one request. Which peers to ask and when is decided here alone: the first at once,
 * another one as well when its headers don't come in the usual time, another one instead as soon as one fails. The first good answer
 * wins; those who are still being asked then are let go, and may be asked again when the winner breaks off. Used by one thread.
 */
final class PeerSearch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PeerSearch.class);

    /** What an error's detail and a log line list; a lookup gives about three. */
    private static final int MAX_REPORTED_ATTEMPTS = 8;

    /** As long as a body may stall: a client that waits so long for one peer's bytes can wait as long for their beginning. */
    private static final Duration BUSY_LIMIT = Duration.ofSeconds(10);

    /**
     * A body that makes no progress for this part of its limit goes on from another peer if there is one. With four holders, the most
     * that are looked for by default and one more, all of whom but one stall, it's still less than the limit that is lost.
     */
    private static final int STALL_PARTS = 4;

    private final ContentRequest request;
    private final RequestKind kind;
    private final Key key;
    private final Router router;
    private final Peers peers;
    private final MirrorConfig config;
    private final RegistryMetrics metrics;
    private final long startNanos = System.nanoTime();
    private final long endNanos;

    private final Candidates candidates;
    private final List<String> attempts = new ArrayList<>();
    private OptionalLong unsatisfiedSize = OptionalLong.empty();
    private Lookup lookup;
    private boolean ended;
    private boolean resolved;
    private boolean gaveUp;
    private long waitedNanos;

    PeerSearch(
            ContentRequest request, Key key, Router router, Peers peers, MirrorConfig config, RegistryMetrics metrics) {
        this.request = request;
        this.key = key;
        this.router = router;
        this.peers = peers;
        this.config = config;
        this.metrics = metrics;
        kind = RequestKind.of(request);
        endNanos = startNanos + config.metadataLimit().toNanos();
        candidates = new Candidates(peers.loads(), peers.quarantine());
        lookup = router.lookup(key, config.maxPeers());
    }

    /**
     * The first answer that is one to the request, its body still unread; empty if there is none left. The caller closes it.
     *
     * @param range what to ask for instead of what the client wants
     */
    Optional<Source> next(Optional<RangeSpec> range) throws InterruptedException {
        HedgeSchedule schedule = new HedgeSchedule(peers.delays().of(kind), System.nanoTime());
        try (Race race = new Race(peers.threads())) {
            while (true) {
                askThoseDue(race, schedule, range);
                if (race.isEmpty()) {
                    if (!awaitBusyPeer(race)) {
                        return Optional.empty();
                    }
                    schedule.restart(System.nanoTime());
                    continue;
                }
                Optional<Attempt> first = race.await(schedule.waitNanos(System.nanoTime()));
                if (first.isPresent()) {
                    Optional<Source> source = judge(first.get(), range, !race.isEmpty());
                    if (source.isPresent()) {
                        letGo(race.cancelRest(), first.get());
                        return source;
                    }
                    schedule.failed(System.nanoTime());
                }
            }
        }
    }

    /** Looks peers up again, for those that have come since; who failed before stays out. */
    void refresh() {
        lookup.close();
        ended = false;
        lookup = router.lookup(key, config.maxPeers() + candidates.spent());
    }

    /** Notes that a peer's answer turned out to be of no use. */
    void failed(Source source, IOException reason) {
        source.broke();
        if (source.leftEarly(reason)) {
            candidates.giveBackStalled(source.peer());
        }
        report(source.peer(), reason);
    }

    /** Notes that what these peers sent of the content isn't it: keeps them out of all searches for a while. */
    void lied(Collection<Source> sources, IOException reason) {
        metrics.notVerified();
        sources.forEach(source -> quarantine(source, reason));
    }

    private void quarantine(Source source, IOException reason) {
        LOG.warn("peer {} sent wrong bytes for {}: {}", Quoted.of(source.peer().id()), key, reason.getMessage());
        if (peers.quarantine().add(source.peer(), source.askedNanos())) {
            metrics.quarantined();
        }
        report(source.peer(), reason);
    }

    /** Notes that content was fetched whole and has the digest. */
    void verified(Source source) {
        peers.quarantine().honest(source.peer());
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

    private void askThoseDue(Race race, HedgeSchedule schedule, Optional<RangeSpec> range) throws InterruptedException {
        while (schedule.isDue(System.nanoTime())) {
            Optional<PeerLoads.Use> chosen = isTimeUp() ? Optional.empty() : choose(race.isEmpty());
            long nowNanos = System.nanoTime();
            if (chosen.isEmpty()) {
                noteLimit(race);
                schedule.nobody(nowNanos);
                return;
            }
            PeerClient.Question question = new PeerClient.Question(
                    request.head(), request.pathAndQuery(), range.map(RangeSpec::toString), request.id());
            Duration limit = headersLimit();
            Peer peer = chosen.get().peer();
            if (!race.start(chosen.get(), () -> peers.client().send(peer, question, limit), nowNanos)) {
                chosen.get().close();
                candidates.giveBack(peer);
                schedule.nobody(nowNanos);
                return;
            }
            schedule.asked(nowNanos);
        }
    }

    /**
     * Where the only peers left are too busy, waits until one of them may be asked again: their bytes are nearer than the registry's. Says
     * whether there is one and that is soon enough.
     */
    private boolean awaitBusyPeer(Race race) throws InterruptedException {
        OptionalLong busyNanos = candidates.busyNanos();
        if (busyNanos.isEmpty() || isTimeUp() || waitedNanos + busyNanos.getAsLong() > BUSY_LIMIT.toNanos()) {
            return false;
        }
        waitedNanos += busyNanos.getAsLong();
        race.await(busyNanos); // nobody is in it: this is a pause
        refresh(); // others may have it by now
        return true;
    }

    /** @param needed whether nobody is being asked, so that it's worth waiting for the router, and asking whoever is there */
    private Optional<PeerLoads.Use> choose(boolean needed) throws InterruptedException {
        collect(Duration.ZERO);
        Optional<PeerLoads.Use> chosen = candidates.next();
        if (chosen.isEmpty() && needed) {
            collect(config.lookupLimit());
            chosen = candidates.lastResort();
            gaveUp = chosen.isEmpty() && !ended; // somebody may have it; that is something else than that nobody has
        }
        return chosen;
    }

    /** Takes the peers that the lookup has found. Waits for the first that is of use, but not for others. */
    private void collect(Duration limit) throws InterruptedException {
        Duration wait = limit;
        while (!ended) {
            Lookup.Next next = lookup.next(wait);
            if (next instanceof Lookup.Found found) {
                noteResolved();
                if (candidates.add(found.peer())) {
                    wait = Duration.ZERO;
                }
            } else {
                ended = next instanceof Lookup.Ended;
                return;
            }
        }
    }

    /**
     * Empty if this peer is of no use.
     *
     * @param outran whether it leaves others behind
     */
    private Optional<Source> judge(Attempt attempt, Optional<RangeSpec> range, boolean outran)
            throws InterruptedException {
        PeerClient.Answer answer = null;
        boolean won = false;
        try {
            answer = attempt.answer();
            if (answer.status() == 429) {
                return busy(attempt, answer);
            }
            noteUnsatisfied(answer);
            ContentHeaders headers = PeerAnswers.check(request, range, answer);
            collect(Duration.ZERO); // so that it's known whether there are others
            peers.delays().answered(kind, attempt.took());
            metrics.peerAsked(RegistryMetrics.Asked.WON);
            won = true;
            boolean replaceable = outran || candidates.hasOther();
            return Optional.of(new Source(
                    attempt.use(),
                    headers,
                    answer,
                    attempt.startNanos(),
                    stallLimit(replaceable),
                    replaceable,
                    bytes -> metrics.moved(RegistryMetrics.Flow.RECEIVED, bytes)));
        } catch (IOException e) {
            peers.delays().unanswered(kind, attempt.took());
            metrics.peerAsked(RegistryMetrics.Asked.FAILED);
            if (answer == null || answer.status() >= 500) { // others are well, and say that they don't have it
                attempt.use().troubled();
            }
            report(attempt.peer(), e);
            return Optional.empty();
        } finally {
            if (!won) {
                if (answer != null) {
                    answer.close();
                }
                attempt.use().close();
            }
        }
    }

    /** Not a failure: the peer has it, and is asked again later if nobody else gives it. */
    private Optional<Source> busy(Attempt attempt, PeerClient.Answer answer) {
        metrics.peerAsked(RegistryMetrics.Asked.BUSY);
        attempt.use().busyFor(RetryAfter.of(answer.header("Retry-After")));
        candidates.giveBack(attempt.peer());
        report(attempt.peer(), new IOException("it is too busy"));
        return Optional.empty();
    }

    private void letGo(List<Attempt> losers, Attempt winner) {
        long nowNanos = System.nanoTime();
        for (Attempt loser : losers) {
            peers.delays().unanswered(kind, Duration.ofNanos(nowNanos - loser.startNanos()));
            metrics.peerAsked(RegistryMetrics.Asked.LOST);
            if (loser.startNanos() - winner.startNanos() < 0) {
                loser.use().troubled(); // outrun with a start
            }
            loser.use().close();
            candidates.giveBack(loser.peer());
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

    private void noteLimit(Race race) {
        if (race.isEmpty() && isTimeUp()) {
            attempts.add(
                    "the limit of %d ms passed".formatted(config.metadataLimit().toMillis()));
        }
    }

    private boolean isTimeUp() {
        return isMetadata() && endNanos - System.nanoTime() <= 0;
    }

    private Duration headersLimit() {
        Duration left = HttpPeerClient.left(endNanos);
        return isMetadata() && left.compareTo(config.headersLimit()) < 0 ? left : config.headersLimit();
    }

    private Duration stallLimit(boolean replaceable) {
        Duration whole = isMetadata() ? config.metadataLimit() : config.stallLimit();
        Duration limit = replaceable ? whole.dividedBy(STALL_PARTS) : whole;
        Duration left = HttpPeerClient.left(endNanos);
        return isMetadata() && left.compareTo(limit) < 0 ? left : limit;
    }

    private boolean isMetadata() {
        return kind != RequestKind.BLOB;
    }

    private void report(Peer peer, IOException reason) {
        LOG.debug("peer {} doesn't give {}: {}", Quoted.of(peer.id()), key, reason.getMessage());
        if (attempts.size() < MAX_REPORTED_ATTEMPTS) {
            attempts.add(peer.id() + ": " + reason.getMessage());
        }
    }

    /**
     * What this node knows of other nodes, and what it asks them with.
     *
     * @param threads on which peers are waited for
     */
    record Peers(
            PeerClient client,
            PeerLoads loads,
            PeerQuarantine quarantine,
            HedgeDelays delays,
            AttemptThreads threads) {}
}
