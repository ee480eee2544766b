package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.kad.OwnKeys.OwnKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What is to be sent to whom: each batch waits for its time, until its peer has taken the last one, and for the {@link Pace}. */
final class Batches {
    /** Keys a batch: about 24 KiB of announcements, some milliseconds of work for the receiver. */
    static final int MAX_KEYS = 256;

    /** Batches on their way at a time, one a peer: go-libp2p-kad-dht, {@code provider}, connections a worker. */
    static final int MAX_IN_FLIGHT = 20;

    /** How the batches fare that were made at one time. */
    static final class Tally {
        final Set<OwnKey> keys;
        final int round;
        int batches;
        int ended;
        int failed;

        Tally(Set<OwnKey> keys, int round) {
            this.keys = keys;
            this.round = round;
        }
    }

    record Batch(long id, Contact peer, List<OwnKey> keys, long notBeforeNanos, Tally tally) {}

    /** @param wanted those of its keys that are still to be sent; if there are none, it isn't sent and has ended */
    record Started(Batch batch, List<KadKey> wanted) {}

    private final Pace pace;
    private final Deque<Batch> waiting = new ArrayDeque<>();
    private final Map<Long, Batch> inFlight = new HashMap<>();
    private final Set<PeerId> busy = new HashSet<>();
    private long lastId;

    Batches(long nowNanos) {
        pace = new Pace(nowNanos);
    }

    /** Makes batches of these keys, which wait from now on. */
    void add(Contact peer, List<OwnKey> given, long notBeforeNanos, Tally tally) {
        for (int from = 0; from < given.size(); from += MAX_KEYS) {
            List<OwnKey> part = given.subList(from, Math.min(given.size(), from + MAX_KEYS));
            waiting.add(new Batch(++lastId, peer, List.copyOf(part), notBeforeNanos, tally));
            tally.batches++;
        }
    }

    /** Forgets those that wait. */
    void clear() {
        waiting.clear();
    }

    /** Whether a batch is on its way to this peer. */
    boolean isBusy(PeerId peer) {
        return busy.contains(peer);
    }

    /** Starts those that may go now. */
    List<Started> start(long nowNanos, Predicate<OwnKey> isWanted) {
        List<Started> started = new ArrayList<>();
        for (Iterator<Batch> batches = waiting.iterator();
                batches.hasNext() && inFlight.size() < MAX_IN_FLIGHT && pace.readyNanos() - nowNanos <= 0; ) {
            Batch batch = batches.next();
            if (batch.notBeforeNanos - nowNanos > 0 || busy.contains(batch.peer.id())) {
                continue;
            }
            batches.remove();
            List<KadKey> wanted =
                    batch.keys.stream().filter(isWanted).map(key -> key.key).toList();
            if (!wanted.isEmpty()) {
                inFlight.put(batch.id, batch);
                busy.add(batch.peer.id());
                pace.sent(wanted.size(), nowNanos);
            }
            started.add(new Started(batch, wanted));
        }
        return started;
    }

    /** A batch is no longer on its way; empty if it wasn't. */
    Optional<Batch> ended(long id) {
        @Nullable Batch batch = inFlight.remove(id);
        if (batch != null) {
            busy.remove(batch.peer.id());
        }
        return Optional.ofNullable(batch);
    }

    /** When something may start that can't yet, for another reason than that it waits for another batch; or {@code otherwise}. */
    long wakeNanos(long nowNanos, long otherwise) {
        long wake = otherwise;
        if (!waiting.isEmpty() && pace.readyNanos() - nowNanos > 0 && pace.readyNanos() - wake < 0) {
            wake = pace.readyNanos();
        }
        for (Batch batch : waiting) {
            if (batch.notBeforeNanos - nowNanos > 0 && batch.notBeforeNanos - wake < 0) {
                wake = batch.notBeforeNanos;
            }
        }
        return wake;
    }
}
