package dev.spegel.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/** Hosts on a {@link MemoryNetwork}, each with an address of its own. */
final class MemoryHosts {
    final ManualLoop loop = new ManualLoop();
    final MemoryNetwork network = new MemoryNetwork(loop);
    final Map<String, List<InetAddress>> names = new HashMap<>();
    private final Map<PeerId, List<InetAddress>> machines = new HashMap<>();

    /** A host that isn't started, and listens on this IPv4 address, port 5001. */
    NodeHost host(KeyPair identity, String ip, HostConfig.Builder config) {
        InetSocketAddress socket = MemoryNetwork.socket("/ip4/%s/tcp/5001".formatted(ip));
        machines.put(identity.peerId(), new ArrayList<>(List.of(socket.getAddress())));
        return new NodeHost(
                identity,
                config.listen(socket).build(),
                loop.executor(),
                network.transport(identity.peerId(), ip),
                surroundings(identity.peerId()));
    }

    HostSurroundings surroundings(PeerId peer) {
        return new HostSurroundings(
                loop::nowNanos,
                () -> 1_700_000_000_000_000_000L + loop.nowNanos(),
                () -> List.copyOf(machines.get(peer)),
                name -> names.containsKey(name)
                        ? CompletableFuture.completedFuture(names.get(name))
                        : CompletableFuture.failedFuture(new UnknownHostException(name)),
                Runnable::run,
                Runnable::run);
    }

    NodeHost started(String ip) {
        return started(ip, HostConfig.builder());
    }

    NodeHost started(String ip, HostConfig.Builder config) {
        NodeHost host = host(KeyPair.generate(), ip, config);
        now(host.start());
        return host;
    }

    /** Streams of a peer that does whatever the handlers say, and nothing else. */
    PeerId stranger(String ip, Map<String, Function<Stream, StreamHandler>> handlers) {
        PeerId peer = KeyPair.generate().peerId();
        MemoryNetwork.MemoryTransport transport = network.transport(peer, ip);
        transport.serve(handlers);
        now(transport.listen(
                MemoryNetwork.socket("/ip4/%s/tcp/5001".formatted(ip)),
                remote -> Optional.of(() -> {}),
                connection -> {}));
        return peer;
    }

    static List<Multiaddr> at(String... ips) {
        return Arrays.stream(ips)
                .map(ip -> Multiaddr.parse(ip.startsWith("/") ? ip : "/ip4/%s/tcp/5001".formatted(ip)))
                .toList();
    }

    /** The value of a future that completes without time passing. */
    <T> T now(CompletableFuture<T> future) {
        loop.run();
        assertThat(future).isDone();
        return future.join();
    }

    <T> Throwable failureOf(CompletableFuture<T> future) {
        loop.run();
        assertThat(future).isCompletedExceptionally();
        try {
            future.join();
            throw new AssertionError("has not failed");
        } catch (CompletionException e) {
            return Outcomes.causeOf(e);
        }
    }

    <T> T after(Duration time, CompletableFuture<T> future) {
        loop.advance(time);
        return now(future);
    }
}
