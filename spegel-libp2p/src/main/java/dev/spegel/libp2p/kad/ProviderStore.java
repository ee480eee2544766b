package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Who has what, as others announced it to this node; each record counts for {@link ProviderConfig#validity} after it was
 * announced last. Bounded in all and for each peer: what exceeds the bounds is refused, so that one peer's flood costs nobody
 * else's records.
 */
final class ProviderStore {
    /** The providers kept for one key. A lookup wants a few; that a whole cluster has a base image is normal. */
    static final int MAX_PROVIDERS_PER_KEY = 1024;

    private static final class Stored {
        final PeerId peer;
        long storedNanos;

        Stored(PeerId peer, long storedNanos) {
            this.peer = peer;
            this.storedNanos = storedNanos;
        }
    }

    private final ProviderConfig config;
    private final Map<KadKey, List<Stored>> byKey = new HashMap<>();
    private final Map<PeerId, Integer> countByPeer = new HashMap<>();
    private int size;

    ProviderStore(ProviderConfig config) {
        this.config = config;
    }

    /** Keeps or renews a record; false if a bound was reached. */
    boolean add(KadKey key, PeerId peer, long nowNanos) {
        List<Stored> providers = byKey.get(key);
        if (providers != null) {
            for (Stored stored : providers) {
                if (stored.peer.equals(peer)) {
                    stored.storedNanos = nowNanos;
                    return true;
                }
            }
            if (providers.size() >= MAX_PROVIDERS_PER_KEY) {
                return false;
            }
        }
        if (size >= config.maxRecords() || countByPeer.getOrDefault(peer, 0) >= config.maxRecordsPerPeer()) {
            return false;
        }
        byKey.computeIfAbsent(key, k -> new ArrayList<>(1)).add(new Stored(peer, nowNanos));
        countByPeer.merge(peer, 1, Integer::sum);
        size++;
        return true;
    }

    /** Who has announced this key, in no order. */
    List<PeerId> providers(KadKey key, long nowNanos) {
        List<Stored> providers = byKey.get(key);
        if (providers == null) {
            return List.of();
        }
        return providers.stream()
                .filter(stored -> !isExpired(stored, nowNanos))
                .map(stored -> stored.peer)
                .toList();
    }

    /** Drops what has expired. */
    void sweep(long nowNanos) {
        for (Iterator<List<Stored>> keys = byKey.values().iterator(); keys.hasNext(); ) {
            List<Stored> providers = keys.next();
            providers.removeIf(stored -> {
                boolean expired = isExpired(stored, nowNanos);
                if (expired) {
                    size--;
                    countByPeer.computeIfPresent(stored.peer, (peer, count) -> count == 1 ? null : count - 1);
                }
                return expired;
            });
            if (providers.isEmpty()) {
                keys.remove();
            }
        }
    }

    /** Records kept, those included that have expired since the last {@link #sweep}. */
    int size() {
        return size;
    }

    private boolean isExpired(Stored stored, long nowNanos) {
        return nowNanos - stored.storedNanos >= config.validity().toNanos();
    }
}
