package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.PeerId;
import java.util.Optional;

/** Is told that a handshake has come to its end. What the peer sends from then on arrives at the next handler in the clear. */
@FunctionalInterface
interface Secured {
    /**
     * @param peer who is there, proven by its key
     * @param muxer agreed on during the handshake; empty if it's still to be agreed on
     */
    void secured(PeerId peer, Optional<String> muxer);
}
