package dev.spegel.routing.dht;

import static java.util.Objects.requireNonNull;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.kad.Search;
import dev.spegel.libp2p.kad.SearchListener;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.routing.SharedSearch;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Carries what a query of the DHT finds to those who look it up, and stops it when they have enough. */
final class RunningQuery implements SearchListener {
    private final SharedSearch search;
    private final RegistryAddresses registries;

    /** The first peers may be found before the query is known here. */
    private final CompletableFuture<Search> query = new CompletableFuture<>();

    RunningQuery(SharedSearch search, RegistryAddresses registries) {
        this.search = requireNonNull(search, "search");
        this.registries = requireNonNull(registries, "registries");
    }

    /** To be called once, with what finds for this listener. */
    void runs(Search started) {
        query.complete(started);
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // cancelling doesn't fail
    public void found(PeerId peer, List<Multiaddr> addresses) {
        registries.peer(peer, addresses).ifPresent(search::add);
        if (search.endIfSatisfied()) {
            query.thenAccept(Search::cancel);
        }
    }

    @Override
    public void ended(boolean complete) {
        search.end();
    }
}
