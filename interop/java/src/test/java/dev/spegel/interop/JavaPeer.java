package dev.spegel.interop;

import com.fasterxml.jackson.databind.JsonNode;
import dev.spegel.libp2p.host.ConnectedPeer;
import dev.spegel.libp2p.host.Host;
import dev.spegel.libp2p.host.HostConfig;
import dev.spegel.libp2p.host.HostThreads;
import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.kad.KadDht;
import dev.spegel.libp2p.kad.KadDhtConfig;
import dev.spegel.libp2p.kad.KadKey;
import dev.spegel.libp2p.kad.Search;
import dev.spegel.libp2p.kad.SearchListener;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Our host and DHT as a program that {@link Peer} steers. */
final class JavaPeer {
    /** As the other programs. */
    private static final Duration REQUEST_LIMIT = Duration.ofSeconds(60);

    private final Host host;
    private final KadDht dht;

    private JavaPeer(Host host, KadDht dht) {
        this.host = host;
        this.dht = dht;
    }

    /** Takes the same flags as the other programs: {@code --listen}, {@code --seed}, {@code --security}, {@code --psk-file}. */
    public static void main(String[] arguments) throws Exception {
        PeerFlags flags = PeerFlags.parse(arguments);
        HostConfig.Builder config = HostConfig.builder().listen(flags.listen()).agentVersion("spegel-interop-java");
        flags.secure(config);
        KeyPair key = flags.keyPair();
        try (HostThreads threads = HostThreads.create("peer", 1, 2);
                Host host = Host.create(key, config.build(), threads);
                KadDht dht = KadDht.on(host, KadDhtConfig.DEFAULTS.withPrefix("/spegel"), System::nanoTime)) {
            host.start().get(REQUEST_LIMIT.toSeconds(), TimeUnit.SECONDS);
            LineServer lines = new LineServer(new JavaPeer(host, dht).answerers(), System.in, System.out);
            lines.event("started", Map.of("peer", host.peerId().toString(), "addresses", texts(host.addresses())));
            lines.serve();
        }
    }

    private Map<String, LineServer.Answerer> answerers() {
        return Map.of(
                "connect", this::connect,
                "refresh", this::refresh,
                "table",
                        request -> Map.of(
                                "peers",
                                dht.peers().stream().map(PeerId::toString).toList()),
                "connections", this::connections,
                "known", this::known,
                "provide", this::provide,
                "withdraw", this::withdraw,
                "find", this::find,
                "records", request -> Map.of("count", dht.stats().records()),
                "ping", this::ping);
    }

    private Map<String, ?> connect(JsonNode request) throws Exception {
        ConnectedPeer peer =
                await(host.connect(Multiaddr.parse(request.get("address").textValue())));
        return Map.of("peer", peer.id().toString());
    }

    private Map<String, ?> refresh(JsonNode request) {
        dht.refresh();
        return Map.of();
    }

    private Map<String, ?> connections(JsonNode request) {
        return Map.of(
                "connections",
                host.peers().stream()
                        .map(peer -> Map.of(
                                "peer",
                                peer.id().toString(),
                                "remote",
                                peer.remote().toString()))
                        .toList(),
                "strangers",
                host.strangers());
    }

    private Map<String, ?> known(JsonNode request) {
        PeerId wanted = PeerId.parse(request.get("peer").textValue());
        ConnectedPeer found = host.peers().stream()
                .filter(peer -> peer.id().equals(wanted))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("there is no connection with " + wanted));
        return Map.of("addresses", texts(found.addresses()), "protocols", found.protocols());
    }

    private Map<String, ?> provide(JsonNode request) throws Exception {
        await(dht.provide(keys(request)));
        return Map.of();
    }

    private Map<String, ?> withdraw(JsonNode request) {
        dht.withdraw(keys(request));
        return Map.of();
    }

    private Map<String, ?> find(JsonNode request) throws Exception {
        long start = System.nanoTime();
        Providers found = new Providers();
        Search search = dht.findProviders(
                KadKey.ofText(request.get("key").textValue()),
                request.get("count").intValue(),
                found);
        try {
            await(found.ended);
        } finally {
            search.cancel();
        }
        return Map.of("providers", found.list(), "micros", (System.nanoTime() - start) / 1000);
    }

    private Map<String, ?> ping(JsonNode request) throws Exception {
        Duration took = await(host.ping(PeerId.parse(request.get("peer").textValue())));
        return Map.of("micros", took.toNanos() / 1000);
    }

    private static List<KadKey> keys(JsonNode request) {
        List<KadKey> keys = new ArrayList<>();
        request.get("keys").forEach(key -> keys.add(KadKey.ofText(key.textValue())));
        return keys;
    }

    private static List<String> texts(List<Multiaddr> addresses) {
        return addresses.stream().map(Multiaddr::toString).toList();
    }

    private static <T> T await(CompletableFuture<T> future) throws Exception {
        try {
            return future.get(REQUEST_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new TimeoutException("nothing within " + REQUEST_LIMIT);
        }
    }

    /** Collects, on the event loop, what a search finds. */
    private static final class Providers implements SearchListener {
        private final Map<String, List<String>> found = new HashMap<>();
        private final CompletableFuture<Boolean> ended = new CompletableFuture<>();

        @Override
        public void found(PeerId peer, List<Multiaddr> addresses) {
            found.put(peer.toString(), texts(addresses));
        }

        @Override
        public void ended(boolean complete) {
            ended.complete(complete);
        }

        /** Once the search has ended. */
        List<Map<String, ?>> list() {
            List<Map<String, ?>> list = new ArrayList<>();
            found.forEach((peer, addresses) -> list.add(Map.of("peer", peer, "addresses", addresses)));
            return list;
        }
    }
}
