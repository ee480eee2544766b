package dev.spegel.libp2p.host;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;

/**
 * Lets connections in as long as there is room. Of the room no single address gets more than a share, for a stranger makes as many
 * identities as it likes; whoever comes from this machine is exempt, as with go-libp2p (p2p/host/resource-manager/conn_limiter.go).
 *
 * <p>An IPv6 customer has a network of its own, so these are counted by their first 56 bits, as go-libp2p does.
 */
final class InboundGate implements Transport.Gate {
    /** A stranger may hold this part of the places for connections in the making: 8 of 128, go-libp2p's bound on an address. */
    private static final int PENDING_SHARE = 16;

    /** The same for all places. Generous, as several nodes may share an address: the node of a cluster, or a gateway. */
    private static final int SHARE = 4;

    private static final int IP6_PREFIX_BYTES = 7;

    private final HostConfig config;
    private final IntSupplier connections;
    private final Map<Source, Counts> counts = new HashMap<>();
    private final Counts all = new Counts();
    private boolean isOpen;

    /** @param connections how many there are, dialled ones included */
    InboundGate(HostConfig config, IntSupplier connections) {
        this.config = config;
        this.connections = connections;
    }

    /** From where a connection comes: an IPv4 address or IPv6 network. */
    private record Source(String prefix) {
        static Source of(InetAddress address) {
            byte[] ip = address.getAddress();
            return new Source(
                    Arrays.toString(address instanceof Inet4Address ? ip : Arrays.copyOf(ip, IP6_PREFIX_BYTES)));
        }
    }

    private static final class Counts {
        private int admitted;
        private int secured;

        /** For a moment less than nothing, if a connection's ticket comes back before its end is known. */
        int pending() {
            return admitted - secured;
        }
    }

    /** Until then nobody comes in: a peer must not be introduced to a node that doesn't know its own addresses. */
    void open() {
        isOpen = true;
    }

    void close() {
        isOpen = false;
    }

    @Override
    public Optional<Runnable> admit(InetSocketAddress remote) {
        if (!isOpen
                || connections.getAsInt() >= config.maxConnections()
                || all.pending() >= config.maxPendingConnections()) {
            return Optional.empty();
        }
        Counts source = countsOf(remote.getAddress());
        if (!remote.getAddress().isLoopbackAddress() && hasItsShare(source)) {
            forgetIfUnused(remote.getAddress());
            return Optional.empty();
        }
        source.admitted++;
        all.admitted++;
        return Optional.of(ticketOf(remote.getAddress()));
    }

    private boolean hasItsShare(Counts source) {
        return source.pending() >= Math.max(1, config.maxPendingConnections() / PENDING_SHARE)
                || source.admitted >= Math.max(1, config.maxConnections() / SHARE);
    }

    private Runnable ticketOf(InetAddress remote) {
        AtomicBoolean returned = new AtomicBoolean();
        return () -> {
            if (!returned.getAndSet(true)) {
                countsOf(remote).admitted--;
                all.admitted--;
                forgetIfUnused(remote);
            }
        };
    }

    /** A connection is no longer in the making. */
    void secured(InetAddress remote) {
        countsOf(remote).secured++;
        all.secured++;
    }

    /** A connection that was {@link #secured} has ended. */
    void ended(InetAddress remote) {
        countsOf(remote).secured--;
        all.secured--;
        forgetIfUnused(remote);
    }

    private Counts countsOf(InetAddress remote) {
        return counts.computeIfAbsent(Source.of(remote), absent -> new Counts());
    }

    private void forgetIfUnused(InetAddress remote) {
        counts.computeIfPresent(
                Source.of(remote), (source, held) -> held.admitted == 0 && held.secured == 0 ? null : held);
    }
}
