package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Answers what other nodes ask: libp2p/specs, kad-dht/README.md#rpc-messages, in the letter of go-libp2p-kad-dht, whose nodes
 * keep a peer in their tables only if its answers look as they expect.
 */
final class RequestHandler {
    /**
     * The providers named in one answer, picked at random. Go names all up to 4 MiB; but each of the 20 nodes that a lookup
     * asks picks anew, a lookup wants a few, and the answer to a popular key would delay everybody else's.
     */
    static final int MAX_PROVIDERS = 128;

    private final PeerId self;
    private final int bucketSize;
    private final RoutingTable table;
    private final AddressBook addresses;
    private final ProviderStore store;
    private final ProviderConfig config;
    private final Predicate<KadKey> provides;
    private final Predicate<PeerId> connected;
    private final Supplier<List<Multiaddr>> ownAddresses;
    private final Random random;

    RequestHandler(
            PeerId self,
            int bucketSize,
            RoutingTable table,
            AddressBook addresses,
            ProviderStore store,
            ProviderConfig config,
            Predicate<KadKey> provides,
            Predicate<PeerId> connected,
            Supplier<List<Multiaddr>> ownAddresses,
            Random random) {
        this.self = self;
        this.bucketSize = bucketSize;
        this.table = table;
        this.addresses = addresses;
        this.store = store;
        this.config = config;
        this.provides = provides;
        this.connected = connected;
        this.ownAddresses = ownAddresses;
        this.random = random;
    }

    KadAnswer answer(PeerId from, KadMessage request, long nowNanos) {
        return switch (request.type()) {
            case FIND_NODE -> findNode(from, request, nowNanos);
            case GET_PROVIDERS -> getProviders(from, request, nowNanos);
            case ADD_PROVIDER -> addProvider(from, request, nowNanos);
            case GET_VALUE -> getValue(from, request, nowNanos);
            case PING ->
                new KadAnswer.Reply(
                        new KadMessage(KadMessage.Type.PING, request.key(), List.of(), List.of(), request.level()));
            case PUT_VALUE -> new KadAnswer.Reset("values are not stored here");
        };
    }

    private KadAnswer findNode(PeerId from, KadMessage request, long nowNanos) {
        KadKey key = request.key();
        if (key.length() == 0) {
            return new KadAnswer.Reset("FIND_NODE without a key");
        }
        List<PeerId> peers = closer(key, from);
        // A peer that asks for itself learns how it's known, and one that asks for this node learns whether it's alive.
        if (peers.isEmpty() || !key.names(peers.get(0))) {
            named(key, from, nowNanos).ifPresent(peer -> {
                peers.remove(peer);
                peers.add(0, peer);
            });
        }
        List<PeerEntry> entries = peers.stream()
                .map(peer -> entry(peer, nowNanos))
                .filter(entry -> !entry.addresses().isEmpty())
                .toList();
        return new KadAnswer.Reply(
                new KadMessage(KadMessage.Type.FIND_NODE, KadKey.NONE, entries, List.of(), request.level()));
    }

    private KadAnswer getProviders(PeerId from, KadMessage request, long nowNanos) {
        KadKey key = request.key();
        if (!key.canHaveProviders()) {
            return new KadAnswer.Reset("GET_PROVIDERS with a key of %d bytes".formatted(key.length()));
        }
        List<PeerId> providers = new ArrayList<>(store.providers(key, nowNanos));
        if (provides.test(key)) {
            providers.add(self);
        }
        Collections.shuffle(providers, random);
        return new KadAnswer.Reply(new KadMessage(
                KadMessage.Type.GET_PROVIDERS,
                key,
                entries(closer(key, from), nowNanos),
                entries(providers.subList(0, Math.min(providers.size(), MAX_PROVIDERS)), nowNanos),
                request.level()));
    }

    private KadAnswer addProvider(PeerId from, KadMessage request, long nowNanos) {
        if (!request.key().canHaveProviders()) {
            return new KadAnswer.Reset("ADD_PROVIDER with a key of %d bytes"
                    .formatted(request.key().length()));
        }
        for (PeerEntry provider : request.providerPeers()) {
            // Nobody speaks for others: only the authenticated sender's own entry counts.
            if (provider.id().equals(from) && !provider.addresses().isEmpty()) {
                if (!store.add(request.key(), from, nowNanos)) {
                    return new KadAnswer.Reset("ADD_PROVIDER beyond the records kept");
                }
                addresses.saidBySelf(from, provider.addresses(), config.addressLife(), nowNanos);
                return new KadAnswer.Silence();
            }
        }
        return new KadAnswer.Reset("ADD_PROVIDER without the sender's own entry and an address");
    }

    private KadAnswer getValue(PeerId from, KadMessage request, long nowNanos) {
        if (request.key().length() == 0) {
            return new KadAnswer.Reset("GET_VALUE without a key");
        }
        return new KadAnswer.Reply(new KadMessage(
                KadMessage.Type.GET_VALUE,
                request.key(),
                entries(closer(request.key(), from), nowNanos),
                List.of(),
                request.level()));
    }

    private List<PeerId> closer(KadKey key, PeerId from) {
        List<PeerId> nearest = new ArrayList<>(table.nearest(key.position(), bucketSize + 1));
        nearest.remove(from);
        return new ArrayList<>(nearest.subList(0, Math.min(nearest.size(), bucketSize)));
    }

    /** The peer whose ID the key is, if this node has heard of it. */
    private Optional<PeerId> named(KadKey key, PeerId from, long nowNanos) {
        if (key.names(self)) {
            return Optional.of(self);
        }
        if (key.names(from)) {
            return Optional.of(from);
        }
        return key.peer().filter(peer -> !addresses.of(peer, nowNanos).isEmpty());
    }

    private List<PeerEntry> entries(List<PeerId> peers, long nowNanos) {
        return peers.stream().map(peer -> entry(peer, nowNanos)).toList();
    }

    private PeerEntry entry(PeerId peer, long nowNanos) {
        boolean isSelf = peer.equals(self);
        return new PeerEntry(
                peer,
                isSelf ? ownAddresses.get() : addresses.of(peer, nowNanos),
                connected.test(peer) ? PeerEntry.Connection.CONNECTED : PeerEntry.Connection.NOT_CONNECTED);
    }
}
