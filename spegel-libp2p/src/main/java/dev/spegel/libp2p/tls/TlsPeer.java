package dev.spegel.libp2p.tls;

import static java.util.Objects.requireNonNull;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.identity.PublicKey;
import java.util.Optional;

/**
 * Who is at the other end of a TLS connection, proved by its certificate and the handshake, and what both will speak.
 *
 * @param key the identity key that vouches for the remote's certificate
 * @param muxer the stream muxer that both ends now speak without further ado, or empty: then they have yet to agree on one, by
 *     multistream-select inside the connection
 */
public record TlsPeer(PublicKey key, Optional<String> muxer) {
    /** Checks that neither part is null. */
    public TlsPeer {
        requireNonNull(key, "key");
        requireNonNull(muxer, "muxer");
    }

    /** The name that follows from {@link #key}. */
    public PeerId id() {
        return key.peerId();
    }
}
