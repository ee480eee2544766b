package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerRecord;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.util.List;
import java.util.function.LongSupplier;

/** This node's signed record of its addresses, made anew when they change. */
final class OwnRecord {
    private final KeyPair identity;
    private final LongSupplier unixNanos;
    private List<Multiaddr> addresses = List.of();
    private long lastSeq = Long.MIN_VALUE;
    private byte[] envelope;

    /** @param unixNanos the time since 1970 */
    OwnRecord(KeyPair identity, LongSupplier unixNanos) {
        this.identity = identity;
        this.unixNanos = unixNanos;
        this.envelope = sign();
    }

    /** Where this node can be reached. */
    List<Multiaddr> addresses() {
        return addresses;
    }

    byte[] envelope() {
        return envelope;
    }

    void setAddresses(List<Multiaddr> changed) {
        addresses = List.copyOf(changed);
        envelope = sign();
    }

    /** Grows even if the clock goes back, as peers take no record that isn't newer. */
    private byte[] sign() {
        lastSeq = Math.max(lastSeq + 1, unixNanos.getAsLong());
        return new PeerRecord(identity.peerId(), lastSeq, addresses)
                .seal(identity)
                .toBytes();
    }
}
