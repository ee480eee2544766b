package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.PeerId;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses of which peers have failed lately and aren't to be tried again yet: go-libp2p's rule and constants,
 * p2p/net/swarm/swarm_dial.go. Any connection with the peer clears what is held against its addresses.
 */
final class DialBackoff {
    /** After the first failure. */
    static final Duration BASE = Duration.ofSeconds(5);

    /** After each further one, times the number of failures before, squared. */
    static final Duration STEP = Duration.ofSeconds(1);

    static final Duration MAX = Duration.ofMinutes(5);

    /** A node has a few hundred connections; who was dialled longest ago is forgotten, which costs a dial at worst. */
    static final int MAX_PEERS = 1024;

    /** More than one dial tries of one peer. */
    static final int MAX_ADDRESSES_PER_PEER = 128;

    private final Map<PeerId, Map<InetSocketAddress, Entry>> peers = bounded(MAX_PEERS);

    private record Entry(int failures, long untilNanos) {}

    /** How long the address is to be left alone from now on; zero if it isn't. */
    Duration waitOf(PeerId peer, InetSocketAddress address, long nowNanos) {
        Entry entry = entryOf(peer, address);
        return entry == null || entry.untilNanos - nowNanos <= 0
                ? Duration.ZERO
                : Duration.ofNanos(entry.untilNanos - nowNanos);
    }

    void failed(PeerId peer, InetSocketAddress address, long nowNanos) {
        Entry before = entryOf(peer, address);
        int failures = before == null || isStale(before, nowNanos) ? 0 : before.failures;
        peers.computeIfAbsent(peer, absent -> bounded(MAX_ADDRESSES_PER_PEER))
                .put(
                        address,
                        new Entry(failures + 1, nowNanos + waitAfter(failures).toNanos()));
    }

    void clear(PeerId peer) {
        peers.remove(peer);
    }

    int size() {
        return peers.size();
    }

    private @Nullable Entry entryOf(PeerId peer, InetSocketAddress address) {
        Map<InetSocketAddress, Entry> addresses = peers.get(peer);
        return addresses == null ? null : addresses.get(address);
    }

    /** An address that was left alone for twice the time starts afresh. */
    private static boolean isStale(Entry entry, long nowNanos) {
        return nowNanos - entry.untilNanos > waitAfter(entry.failures - 1).toNanos();
    }

    private static Duration waitAfter(int failuresBefore) {
        long square = (long) failuresBefore * failuresBefore;
        Duration wait = BASE.plus(STEP.multipliedBy(Math.min(square, MAX.toSeconds())));
        return wait.compareTo(MAX) > 0 ? MAX : wait;
    }

    private static <K, V> Map<K, V> bounded(int max) {
        return new EldestForgotten<>(max);
    }

    /** Keeps the entries put in last. */
    private static final class EldestForgotten<K, V> extends LinkedHashMap<K, V> {
        private static final long serialVersionUID = 1;

        private final int max;

        EldestForgotten(int max) {
            this.max = max;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > max;
        }
    }
}
