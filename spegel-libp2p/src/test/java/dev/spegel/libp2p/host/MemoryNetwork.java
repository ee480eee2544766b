package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.identity.PeerIdMismatchException;
import dev.spegel.libp2p.multiformats.Multiaddr;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/** Transports that reach each other in memory, on one event loop. An address is refused if nobody listens there. */
final class MemoryNetwork {
    private final ManualLoop loop;
    private final Map<InetSocketAddress, MemoryTransport.Bound> bound = new HashMap<>();
    private final Set<InetSocketAddress> silent = new HashSet<>();
    private final Map<InetSocketAddress, Duration> delays = new HashMap<>();
    private final List<Attempt> attempts = new ArrayList<>();
    private int ports = 40_000;

    MemoryNetwork(ManualLoop loop) {
        this.loop = loop;
    }

    /** A dial that has begun. */
    record Attempt(InetSocketAddress address, Duration time, Duration limit) {}

    List<Attempt> attempts() {
        return attempts;
    }

    List<String> attempted() {
        return attempts.stream()
                .map(attempt -> Multiaddr.ofTcp(attempt.address()).toString())
                .toList();
    }

    /** Dials of this address run into their limit. */
    void silence(String address) {
        silent.add(socket(address));
    }

    void hear(String address) {
        silent.remove(socket(address));
    }

    /** Dials of this address take so long. */
    void delay(String address, Duration time) {
        delays.put(socket(address), time);
    }

    /** @param ip from where it dials */
    MemoryTransport transport(PeerId peer, String ip) {
        return new MemoryTransport(peer, socket("/ip4/%s/tcp/1".formatted(ip)).getAddress());
    }

    static InetSocketAddress socket(String address) {
        return Multiaddr.parse(address).tcpSocket().orElseThrow();
    }

    final class MemoryTransport implements Transport {
        private final PeerId peer;
        private final InetAddress ip;
        private final Strangers strangers = new Strangers(() -> loop.nowNanos());
        private Map<String, Function<Stream, StreamHandler>> handlers = Map.of();

        MemoryTransport(PeerId peer, InetAddress ip) {
            this.peer = peer;
            this.ip = ip;
        }

        @Override
        public Strangers strangers() {
            return strangers;
        }

        @Override
        public void serve(Map<String, Function<Stream, StreamHandler>> served) {
            handlers = Map.copyOf(served);
        }

        @Override
        public CompletableFuture<Listening> listen(
                InetSocketAddress address, Gate gate, Consumer<Connection> accepted) {
            InetSocketAddress actual =
                    new InetSocketAddress(address.getAddress(), address.getPort() == 0 ? ports++ : address.getPort());
            Bound listening = new Bound(this, actual, gate, accepted);
            return bound.putIfAbsent(actual, listening) == null
                    ? CompletableFuture.completedFuture(listening)
                    : CompletableFuture.failedFuture(new IOException("listen on " + actual + ": address in use"));
        }

        @Override
        public CompletableFuture<Connection> dial(
                InetSocketAddress address, Optional<PeerId> expected, Duration limit) {
            attempts.add(new Attempt(address, Duration.ofNanos(loop.nowNanos()), limit));
            CompletableFuture<Connection> result = new CompletableFuture<>();
            boolean answers = !silent.contains(address);
            Duration time = answers ? delays.getOrDefault(address, Duration.ZERO) : limit;
            Future<?> unused = loop.executor()
                    .schedule(
                            () -> {
                                if (result.isDone()) {
                                    return;
                                }
                                try {
                                    if (!answers) {
                                        throw new IOException("no answer within " + limit);
                                    }
                                    result.complete(connect(address, expected));
                                } catch (IOException e) {
                                    result.completeExceptionally(e);
                                }
                            },
                            time.toNanos(),
                            TimeUnit.NANOSECONDS);
            return result;
        }

        private Connection connect(InetSocketAddress address, Optional<PeerId> expected) throws IOException {
            Bound there = bound.get(address);
            if (there == null) {
                throw new IOException("connection refused");
            }
            InetSocketAddress here = new InetSocketAddress(ip, ports++);
            Optional<Runnable> ticket = there.gate.admit(here);
            if (ticket.isEmpty()) {
                throw new IOException("connection closed");
            }
            if (expected.isPresent() && !expected.get().equals(there.owner.peer)) {
                ticket.get().run();
                throw new PeerIdMismatchException(expected.get(), there.owner.peer);
            }
            MemoryConnection dialled =
                    new MemoryConnection(loop, there.owner.peer, Multiaddr.ofTcp(address), true, handlers);
            MemoryConnection accepted =
                    new MemoryConnection(loop, peer, Multiaddr.ofTcp(here), false, there.owner.handlers);
            dialled.join(accepted);
            Outcomes.afterwards(accepted.closed(), ticket.get());
            there.accepted.accept(accepted);
            return dialled;
        }

        final class Bound implements Listening {
            private final MemoryTransport owner;
            private final InetSocketAddress address;
            private final Gate gate;
            private final Consumer<Connection> accepted;

            Bound(MemoryTransport owner, InetSocketAddress address, Gate gate, Consumer<Connection> accepted) {
                this.owner = owner;
                this.address = address;
                this.gate = gate;
                this.accepted = accepted;
            }

            @Override
            public InetSocketAddress address() {
                return address;
            }

            @Override
            public CompletableFuture<Void> close() {
                bound.remove(address, this);
                return CompletableFuture.completedFuture(null);
            }
        }
    }
}
