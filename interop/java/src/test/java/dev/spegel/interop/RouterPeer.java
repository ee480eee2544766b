package dev.spegel.interop;

import com.fasterxml.jackson.databind.JsonNode;
import dev.spegel.libp2p.host.HostConfig.Security;
import dev.spegel.libp2p.host.HostThreads;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.routing.Key;
import dev.spegel.routing.Lookup;
import dev.spegel.routing.Peer;
import dev.spegel.routing.bootstrap.BootstrapPeer;
import dev.spegel.routing.bootstrap.Bootstrapper;
import dev.spegel.routing.bootstrap.StaticBootstrap;
import dev.spegel.routing.dht.DhtRouter;
import dev.spegel.routing.dht.DhtRouterConfig;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Our router as a program that {@code Peer} steers. */
final class RouterPeer {
    /** As the other programs. */
    private static final Duration LOOKUP_LIMIT = Duration.ofSeconds(60);

    /** More than a test has nodes. */
    private static final int ALL = 100;

    private final DhtRouter router;

    private RouterPeer(DhtRouter router) {
        this.router = router;
    }

    /** Takes the flags of the other programs, and {@code --bootstrap} and {@code --registry-port}. */
    public static void main(String[] arguments) throws Exception {
        PeerFlags flags = PeerFlags.parse(arguments);
        Bootstrapper bootstrapper = flags.bootstrap()
                .<Bootstrapper>map(address -> new StaticBootstrap(List.of(BootstrapPeer.parse(address))))
                .orElse(limit -> List.of());
        DhtRouterConfig config = DhtRouterConfig.builder(flags.registryPort())
                .listen(flags.listen())
                .host(host -> host.security(flags.security().toArray(Security[]::new)))
                .build();
        try (HostThreads threads = HostThreads.create("peer", 1, 2);
                DhtRouter router = DhtRouter.start(flags.keyPair(), config, bootstrapper, threads, System::nanoTime)) {
            LineServer lines = new LineServer(new RouterPeer(router).answerers(), System.in, System.out);
            lines.event(
                    "started",
                    Map.of(
                            "peer", router.peerId().toString(),
                            "addresses",
                                    router.addresses().stream()
                                            .map(Multiaddr::toString)
                                            .toList()));
            lines.serve();
        }
    }

    private Map<String, LineServer.Answerer> answerers() {
        return Map.of(
                "ready", request -> Map.of("ready", router.ready()),
                "table",
                        request -> Map.of(
                                "peers", router.peers().stream().map(Peer::id).toList()),
                "provide", this::provide,
                "withdraw", this::withdraw,
                "find", this::find);
    }

    private Map<String, ?> provide(JsonNode request) throws Exception {
        router.advertise(keys(request));
        return Map.of();
    }

    private Map<String, ?> withdraw(JsonNode request) throws Exception {
        router.withdraw(keys(request));
        return Map.of();
    }

    /** Addresses are those of registries, as {@code IP:port}. */
    private Map<String, ?> find(JsonNode request) throws Exception {
        long start = System.nanoTime();
        int count = request.get("count").intValue();
        List<Map<String, ?>> found = new ArrayList<>();
        try (Lookup lookup = router.lookup(new Key(request.get("key").textValue()), count == 0 ? ALL : count)) {
            while (lookup.next(LOOKUP_LIMIT) instanceof Lookup.Found next) {
                found.add(Map.of(
                        "peer", next.peer().id(), "addresses", texts(next.peer().registryAddresses())));
                if (found.size() == count) {
                    break;
                }
            }
        }
        return Map.of("providers", found, "micros", (System.nanoTime() - start) / 1000);
    }

    private static List<Key> keys(JsonNode request) {
        List<Key> keys = new ArrayList<>();
        request.get("keys").forEach(key -> keys.add(new Key(key.textValue())));
        return keys;
    }

    private static List<String> texts(List<InetSocketAddress> addresses) {
        return addresses.stream()
                .map(address -> address.getAddress().getHostAddress() + ":" + address.getPort())
                .toList();
    }
}
