package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A peer with at least one connection, and what it has said about itself. To be used on the event loop. */
final class KnownPeer {
    private final PeerId id;
    /** The oldest first. */
    private final List<Held> connections = new ArrayList<>(1);

    private final CompletableFuture<Void> introduced = new CompletableFuture<>();
    private final RateLimit pushes = new RateLimit(IdentifyService.PUSH_BURST, IdentifyService.PUSH_INTERVAL);
    private int introductions;
    private long lastTold;
    private boolean isIdentified;
    private List<Multiaddr> addresses = List.of();
    private List<String> protocols = List.of();
    private String agentVersion = "";

    KnownPeer(PeerId id) {
        this.id = id;
    }

    /** A connection, and since when. */
    record Held(Connection connection, long sinceNanos) {}

    PeerId id() {
        return id;
    }

    List<Held> connections() {
        return connections;
    }

    /** Where to open streams: the connection that carries more, then the newest, as go-libp2p's p2p/net/swarm/swarm.go. */
    Optional<Connection> best() {
        @Nullable Connection best = null;
        for (Held held : connections) {
            if (best == null || held.connection().openStreams() >= best.openStreams()) {
                best = held.connection();
            }
        }
        return Optional.ofNullable(best);
    }

    /** Whether it has said who it is, at least once. */
    boolean isIdentified() {
        return isIdentified;
    }

    boolean speaks(String protocol) {
        return protocols.contains(protocol);
    }

    RateLimit pushes() {
        return pushes;
    }

    /** As far as is known; nothing but the ID and an address if it failed to identify itself. */
    ConnectedPeer described() {
        Connection best = best().orElseThrow(() -> new IllegalStateException("has no connection: " + id));
        return new ConnectedPeer(id, best.remote(), addresses, protocols, agentVersion);
    }

    /** Completes when the peer has introduced itself, or nothing is left by which it could; fails when it's gone. */
    CompletableFuture<Void> introduced() {
        return introduced;
    }

    void introductionStarted() {
        introductions++;
    }

    /** To be called for each start, after {@link #told} if that's how it ended. */
    void introductionEnded() {
        introductions--;
        if (introductions == 0 || isIdentified) {
            introduced.complete(null);
        }
    }

    /**
     * Takes in what the peer says about itself.
     *
     * @param turn in which order it was said; what comes late is left out
     * @param whole whether what isn't said is no more; otherwise it stays
     * @return whether it was taken in
     */
    boolean told(long turn, Identify identify, List<Multiaddr> its, boolean whole) {
        if (turn < lastTold) {
            return false;
        }
        lastTold = turn;
        if (whole || !identify.protocols().isEmpty()) {
            protocols = identify.protocols();
        }
        if (whole
                || !identify.listenAddresses().isEmpty()
                || identify.signedPeerRecord().isPresent()) {
            addresses = its;
        }
        if (whole || !identify.agentVersion().isEmpty()) {
            agentVersion = identify.agentVersion();
        }
        isIdentified = true;
        return true;
    }

    void gone(IOException reason) {
        introduced.completeExceptionally(reason);
    }
}
