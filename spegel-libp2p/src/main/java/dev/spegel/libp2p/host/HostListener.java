package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.util.List;

/** Learns who comes and goes. Called on the host's event loop; must not block. */
public interface HostListener {
    /** The host listens, or its own addresses have changed. */
    default void listening(List<Multiaddr> addresses) {}

    /** A peer has said who it is, over a new connection or because something has changed. */
    default void identified(ConnectedPeer peer) {}

    /** The last connection with the peer has ended. Called only after {@link #identified}. */
    default void disconnected(PeerId peer) {}
}
