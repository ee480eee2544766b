package dev.spegel.libp2p.kad;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Who waits for which keys to be announced. */
final class PendingProvides {
    private static final class Pending {
        final CompletableFuture<Void> future;
        final int count;
        int left;

        Pending(CompletableFuture<Void> future, int count) {
            this.future = future;
            this.count = count;
            left = count;
        }
    }

    private final Map<KadKey, List<Pending>> byKey = new HashMap<>();

    /** Completes the future once all of the keys are {@linkplain #settled settled}, or the first has failed. */
    void add(Set<KadKey> keys, CompletableFuture<Void> future) {
        Pending pending = new Pending(future, keys.size());
        keys.forEach(key -> byKey.computeIfAbsent(key, k -> new ArrayList<>(1)).add(pending));
    }

    /** Nothing is left to be done for these keys. */
    void settled(Collection<KadKey> keys) {
        for (KadKey key : keys) {
            for (Pending pending : take(key)) {
                if (--pending.left == 0) {
                    pending.future.complete(null);
                }
            }
        }
    }

    /** These keys couldn't be announced. */
    void failed(Collection<KadKey> keys, String reason) {
        Set<Pending> failed = new HashSet<>();
        keys.forEach(key -> failed.addAll(take(key)));
        for (Pending pending : failed) {
            pending.future.completeExceptionally(new IOException(
                    "%d of %d keys are not announced: %s".formatted(pending.left, pending.count, reason)));
        }
        if (!failed.isEmpty()) {
            byKey.values().removeIf(pendings -> pendings.removeAll(failed) && pendings.isEmpty());
        }
    }

    void failAll(String reason) {
        failed(List.copyOf(byKey.keySet()), reason);
    }

    private List<Pending> take(KadKey key) {
        List<Pending> pendings = byKey.remove(key);
        return pendings == null ? List.of() : pendings;
    }
}
