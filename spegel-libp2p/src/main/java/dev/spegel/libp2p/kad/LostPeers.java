package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Peers that were in the routing table until they failed, in case they come back. Without this, two halves of a network that was
 * cut in two would stay apart for good: each has evicted the other, and neither has lost everybody.
 */
final class LostPeers {
    /** One that answers leads to the others, so a table's worth of a few buckets is plenty. */
    static final int MAX_PEERS = 64;

    /** A machine that has been away longer comes back under another name, or bootstraps. */
    static final Duration LIFE = Duration.ofHours(24);

    /** At most so often a peer is tried, one at a time: peers accept a connection from one address every five seconds. */
    static final Duration INTERVAL = Duration.ofSeconds(10);

    /** A peer is tried after ten seconds, and then at twice the time before, up to this: a fraction of the usual re-provide. */
    static final Duration MAX_BACK_OFF = Duration.ofMinutes(4);

    private static final class Lost {
        final long sinceNanos;
        long backOffNanos = INTERVAL.toNanos();
        long dueNanos;

        Lost(long nowNanos) {
            sinceNanos = nowNanos;
            dueNanos = nowNanos + backOffNanos;
        }
    }

    private final Map<PeerId, Lost> peers = new LinkedHashMap<>();
    private long triedNanos;

    LostPeers(long nowNanos) {
        triedNanos = nowNanos;
    }

    boolean contains(PeerId peer) {
        return peers.containsKey(peer);
    }

    void add(PeerId peer, long nowNanos) {
        if (peers.putIfAbsent(peer, new Lost(nowNanos)) == null && peers.size() > MAX_PEERS) {
            Iterator<PeerId> first = peers.keySet().iterator();
            first.next();
            first.remove();
        }
    }

    boolean remove(PeerId peer) {
        return peers.remove(peer) != null;
    }

    /** Who is to be tried now, if anybody. */
    Optional<PeerId> next(long nowNanos) {
        peers.values().removeIf(lost -> nowNanos - lost.sinceNanos >= LIFE.toNanos());
        Optional<Map.Entry<PeerId, Lost>> first = wakeIn(nowNanos) > 0 ? Optional.empty() : earliest(nowNanos);
        first.ifPresent(entry -> {
            Lost lost = entry.getValue();
            triedNanos = nowNanos;
            lost.backOffNanos = Math.min(2 * lost.backOffNanos, MAX_BACK_OFF.toNanos());
            lost.dueNanos = nowNanos + lost.backOffNanos;
        });
        return first.map(Map.Entry::getKey);
    }

    /** In how many nanoseconds {@link #next} has somebody. */
    long wakeIn(long nowNanos) {
        return earliest(nowNanos)
                .map(entry ->
                        Math.max(entry.getValue().dueNanos - nowNanos, INTERVAL.toNanos() - (nowNanos - triedNanos)))
                .orElse(Long.MAX_VALUE);
    }

    private Optional<Map.Entry<PeerId, Lost>> earliest(long nowNanos) {
        return peers.entrySet().stream()
                .min((a, b) -> Long.compare(a.getValue().dueNanos - nowNanos, b.getValue().dueNanos - nowNanos));
    }
}
