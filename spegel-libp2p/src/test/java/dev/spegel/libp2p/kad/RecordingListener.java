package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Notes what a search finds. */
final class RecordingListener implements SearchListener {
    final Map<PeerId, List<Multiaddr>> found = Collections.synchronizedMap(new LinkedHashMap<>());
    final CompletableFuture<PeerId> first = new CompletableFuture<>();
    final CompletableFuture<Boolean> ended = new CompletableFuture<>();

    @Override
    public void found(PeerId peer, List<Multiaddr> addresses) {
        if (ended.isDone()) {
            throw new AssertionError("found after the end");
        }
        found.put(peer, addresses);
        first.complete(peer);
    }

    @Override
    public void ended(boolean complete) {
        if (!ended.complete(complete)) {
            throw new AssertionError("ended twice");
        }
    }

    /** Waits for the end; returns whether the search was complete. */
    boolean complete() throws Exception {
        return ended.get(10, TimeUnit.SECONDS);
    }
}
