package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.AddressScope;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.multiformats.Quoted;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Dials peers, each once at a time however many ask. To be used on the event loop. */
final class Dialler {
    /** Takes a connection in, or closes it and says why. */
    interface Admission {
        void admit(Connection connection) throws IOException;
    }

    /** Whether addresses that have failed lately are left alone. */
    enum Patience {
        /** For dials that one is the consequence of another. */
        BACK_OFF,
        /** For those that somebody asks for who waits between them. */
        NONE
    }

    private final EventExecutor loop;
    private final LongSupplier nanoClock;
    private final Transport transport;
    private final NameLookup names;
    private final HostConfig config;
    private final Supplier<Set<InetSocketAddress>> ownSockets;
    private final Admission admission;
    private final DialSlots slots = new DialSlots();
    private final DialBackoff backoff = new DialBackoff();
    private final Map<PeerId, PeerDial> toPeers = new HashMap<>();
    private final Map<Multiaddr, PeerDial> toAddresses = new HashMap<>();

    /** @param ownSockets where this node listens, loopback included */
    Dialler(
            EventExecutor loop,
            LongSupplier nanoClock,
            Transport transport,
            NameLookup names,
            HostConfig config,
            Supplier<Set<InetSocketAddress>> ownSockets,
            Admission admission) {
        this.loop = loop;
        this.nanoClock = nanoClock;
        this.transport = transport;
        this.names = names;
        this.config = config;
        this.ownSockets = ownSockets;
        this.admission = admission;
    }

    /** Dials a peer, or joins the dial that runs. The future is shared: not for others to complete. */
    CompletableFuture<Connection> toPeer(PeerId peer, List<Multiaddr> addresses, Patience patience) {
        PeerDial dial = toPeers.get(peer);
        if (dial == null) {
            dial = new PeerDial(this, Optional.of(peer), peer.toString());
            toPeers.put(peer, dial);
            Outcomes.afterwards(dial.result(), () -> toPeers.remove(peer));
        }
        CompletableFuture<Connection> result = dial.result();
        dial.add(addresses, patience);
        return result;
    }

    /** The same for an address of which it isn't known who is there. */
    CompletableFuture<Connection> toAddress(Multiaddr address) {
        PeerDial running = toAddresses.get(address);
        if (running != null) {
            return running.result();
        }
        PeerDial dial = new PeerDial(this, Optional.empty(), Quoted.of(address.toString()));
        toAddresses.put(address, dial);
        CompletableFuture<Connection> result = dial.result();
        Outcomes.afterwards(result, () -> toAddresses.remove(address));
        dial.add(List.of(address), Patience.NONE);
        return result;
    }

    /** There is a connection with the peer, by whichever side. */
    void connected(PeerId peer, Connection connection) {
        backoff.clear(peer);
        PeerDial dial = toPeers.get(peer);
        if (dial != null) {
            dial.connected(connection);
        }
    }

    /** Fails what runs. */
    void close(IOException reason) {
        List.copyOf(toPeers.values()).forEach(dial -> dial.fail(reason));
        List.copyOf(toAddresses.values()).forEach(dial -> dial.fail(reason));
    }

    EventExecutor loop() {
        return loop;
    }

    long nowNanos() {
        return nanoClock.getAsLong();
    }

    DialSlots slots() {
        return slots;
    }

    Set<InetSocketAddress> ownSockets() {
        return ownSockets.get();
    }

    CompletableFuture<List<InetAddress>> lookUp(String name) {
        return names.addressesOf(name);
    }

    /** Lookups end on other threads, perhaps after the event loop. */
    void onLoop(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
            return;
        }
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            // The event loop has ended, and everything that waits for it has failed.
        }
    }

    Duration backoffOf(Optional<PeerId> peer, DialTarget target) {
        return peer.map(known -> backoff.waitOf(known, target.socket(), nowNanos()))
                .orElse(Duration.ZERO);
    }

    void failed(Optional<PeerId> peer, DialTarget target) {
        peer.ifPresent(known -> backoff.failed(known, target.socket(), nowNanos()));
    }

    void admit(Connection connection) throws IOException {
        admission.admit(connection);
    }

    CompletableFuture<Connection> dial(DialTarget target, Optional<PeerId> peer, Duration left) {
        Duration limit = AddressScope.of(target.address()).isPrivate() ? config.dialLimit() : config.remoteDialLimit();
        return transport.dial(target.socket(), peer, left.compareTo(limit) < 0 ? left : limit);
    }
}
