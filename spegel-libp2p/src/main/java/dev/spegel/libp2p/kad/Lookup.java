package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The search for the peers nearest to a point, hop by hop: libp2p/specs, kad-dht/README.md#peer-routing, with the stop rules of
 * go-libp2p-kad-dht.
 *
 * <p>Outline: ask the nearest known peers, {@code concurrency} at a time, for peers that are nearer still. Once the nearest
 * {@code resiliency} have all answered, the search has converged; the rest of the nearest {@code count} are then asked at once
 * (the follow-up), and when they are through, it's done. A peer that fails is out. One that is merely slow gives up its place,
 * so that a hanging node among the nearest delays nothing by more than {@link LookupConfig#slowAfter}; this Go doesn't do.
 *
 * <p>A hostile peer can always invent nearer ones. {@link #MAX_ASKED}, {@link #MAX_KNOWN} and the time limit end that.
 *
 * <p>No peer is asked twice. Call {@link #next} after every change, and at {@link #wakeNanos}.
 */
final class Lookup {
    /** Peers used of one answer: go-libp2p-kad-dht takes at most twice the bucket size. */
    static final int MAX_FROM_ANSWER = 40;

    /** Ten times what a search in a network of a thousand nodes asks. */
    static final int MAX_ASKED = 256;

    /** The nearest peers that are remembered; what lies farther will not be asked anyway. */
    static final int MAX_KNOWN = 1024;

    private enum State {
        HEARD,
        ASKED,
        ANSWERED,
        FAILED
    }

    private static final class Candidate {
        final Contact contact;
        final int hop;
        State state = State.HEARD;
        boolean slow;
        long askedNanos;

        Candidate(Contact contact, int hop) {
            this.contact = contact;
            this.hop = hop;
        }

        boolean isWaitedFor() {
            return state == State.ASKED && !slow;
        }
    }

    private final Position target;
    private final PeerId self;
    private final int count;
    private final LookupConfig config;
    private final boolean followUp;
    private final long startNanos;
    private final Map<PeerId, Candidate> byId = new HashMap<>();
    private final TreeMap<Position, Candidate> byDistance;
    private int asked;
    private int hops;
    private boolean converged;
    private boolean done;

    /**
     * @param count how many of the nearest peers are wanted
     * @param followUp whether all of those are asked, or it's enough to know them
     */
    Lookup(
            Position target,
            PeerId self,
            Collection<PeerId> seeds,
            int count,
            boolean followUp,
            LookupConfig config,
            long nowNanos) {
        this.target = target;
        this.self = self;
        this.count = count;
        this.followUp = followUp;
        this.config = config;
        startNanos = nowNanos;
        byDistance = new TreeMap<>(target.nearestFirst());
        seeds.forEach(seed -> hear(seed, 0));
    }

    /** Whom to ask now. They count as asked from this call on. */
    List<PeerId> next(long nowNanos) {
        if (done) {
            return List.of();
        }
        age(nowNanos);
        List<PeerId> now = new ArrayList<>();
        converged = converged || nearestHaveAnswered();
        if (!converged) {
            ask(config.concurrency() - waitedFor(), now, nowNanos);
            converged = waitedFor() == 0 && isWorthEnding();
        }
        if (converged && now.isEmpty()) {
            if (followUp) {
                ask(Integer.MAX_VALUE, now, nowNanos);
            }
            done = waitedFor() == 0 || !followUp;
        }
        if (nowNanos - startNanos >= config.limit().toNanos()) {
            done = true;
        }
        return done ? List.of() : now;
    }

    /** The peer answered, naming {@code closer}. Ignored unless it was asked and hasn't failed. */
    void answered(PeerId peer, Collection<PeerId> closer) {
        Candidate candidate = byId.get(peer);
        if (candidate == null || candidate.state != State.ASKED || done) {
            return;
        }
        candidate.state = State.ANSWERED;
        closer.stream().limit(MAX_FROM_ANSWER).forEach(id -> hear(id, candidate.hop + 1));
    }

    /** The peer couldn't be reached, or gave no answer. */
    void failed(PeerId peer) {
        Candidate candidate = byId.get(peer);
        if (candidate != null && candidate.state == State.ASKED) {
            candidate.state = State.FAILED;
        }
    }

    /** Ends the search: its caller has what it wants. */
    void stop() {
        done = true;
    }

    boolean isDone() {
        return done;
    }

    /** When {@link #next} has something to say even if no answer comes. */
    long wakeNanos() {
        long wake = startNanos + config.limit().toNanos();
        for (Candidate candidate : byDistance.values()) {
            if (candidate.state == State.ASKED) {
                long due =
                        candidate.askedNanos + (candidate.slow ? config.requestLimit() : config.slowAfter()).toNanos();
                if (due - wake < 0) {
                    wake = due;
                }
            }
        }
        return wake;
    }

    /** The nearest peers known that haven't failed, nearest first, at most {@code count}. */
    List<Contact> closest() {
        return byDistance.values().stream()
                .filter(candidate -> candidate.state != State.FAILED)
                .limit(count)
                .map(candidate -> candidate.contact)
                .toList();
    }

    /** How many peers were asked. */
    int asked() {
        return asked;
    }

    /** The greatest number of answers in a row that led to an asked peer; peers known from the start are at 0. */
    int hops() {
        return hops;
    }

    /** Whether the nearest peers were reached, as far as there are any that answer, before the time was up. */
    boolean hasConverged() {
        return converged && anybodyAnswered();
    }

    /** Whether any peer answered. */
    boolean anybodyAnswered() {
        return byDistance.values().stream().anyMatch(candidate -> candidate.state == State.ANSWERED);
    }

    private void hear(PeerId id, int hop) {
        if (id.equals(self) || byId.containsKey(id)) {
            return;
        }
        Candidate candidate = new Candidate(Contact.of(id), hop);
        if (byId.size() >= MAX_KNOWN) {
            Candidate farthest = byDistance.lastEntry().getValue();
            if (farthest.state != State.HEARD
                    || target.compareDistance(candidate.contact.position(), farthest.contact.position()) >= 0) {
                return;
            }
            byDistance.pollLastEntry();
            byId.remove(farthest.contact.id());
        }
        byId.put(id, candidate);
        byDistance.put(candidate.contact.position(), candidate);
    }

    /**
     * Asks up to {@code places} of those heard of, among the nearest {@code count} that may still answer. Farther ones have
     * nothing to add, even while a near one keeps the search waiting.
     */
    private void ask(int places, List<PeerId> now, long nowNanos) {
        int nearest = 0;
        for (Candidate candidate : byDistance.values()) {
            if (now.size() >= places || asked >= MAX_ASKED || nearest >= count) {
                return;
            }
            boolean slow = candidate.state == State.ASKED && candidate.slow;
            if (candidate.state != State.FAILED && !slow) {
                nearest++;
            }
            if (candidate.state == State.HEARD) {
                candidate.state = State.ASKED;
                candidate.askedNanos = nowNanos;
                asked++;
                hops = Math.max(hops, candidate.hop);
                now.add(candidate.contact.id());
            }
        }
    }

    private void age(long nowNanos) {
        for (Candidate candidate : byDistance.values()) {
            if (candidate.state == State.ASKED) {
                long taken = nowNanos - candidate.askedNanos;
                candidate.slow = taken >= config.slowAfter().toNanos();
                if (taken >= config.requestLimit().toNanos()) {
                    candidate.state = State.FAILED;
                }
            }
        }
    }

    /** Whether the nearest peers that aren't out or slow have all answered. */
    private boolean nearestHaveAnswered() {
        int answered = 0;
        for (Candidate candidate : byDistance.values()) {
            if (candidate.state == State.ANSWERED) {
                if (++answered == config.resiliency()) {
                    return true;
                }
            } else if (candidate.state == State.HEARD || candidate.isWaitedFor()) {
                return false;
            }
        }
        return false;
    }

    /** With nobody left to ask, slow peers are worth waiting for only as long as nobody else has answered. */
    private boolean isWorthEnding() {
        return anybodyAnswered() || byDistance.values().stream().noneMatch(candidate -> candidate.state == State.ASKED);
    }

    private int waitedFor() {
        int waitedFor = 0;
        for (Candidate candidate : byDistance.values()) {
            if (candidate.isWaitedFor()) {
                waitedFor++;
            }
        }
        return waitedFor;
    }
}
