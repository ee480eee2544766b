package dev.spegel.libp2p.host;

import static java.util.Objects.requireNonNull;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.identity.PeerRecord;
import dev.spegel.libp2p.identity.PublicKey;
import dev.spegel.libp2p.identity.SignedEnvelope;
import dev.spegel.libp2p.multiformats.AddressScope;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a peer tells about itself (libp2p/specs, identify/README.md). {@link IdentifyEncoder} writes it, {@link
 * IdentifyDecoder} reads it. Nothing in it is proven but what a signature covers.
 */
public final class Identify {
    /** Asks a peer: the answer follows at once, then the end of the stream. */
    public static final String PROTOCOL = "/ipfs/id/1.0.0";

    /** Tells a peer of a change, unasked. */
    public static final String PUSH_PROTOCOL = "/ipfs/id/push/1.0.0";

    /** go-libp2p's bound on the addresses that it takes from one peer: p2p/protocol/identify/id.go. */
    public static final int MAX_ADDRESSES = 500;

    /** go-libp2p's bound on what it reads; what comes after is dropped: p2p/protocol/identify/id.go. */
    public static final int MAX_PROTOCOLS = 1024;

    private final @Nullable PublicKey publicKey;
    private final List<Multiaddr> listenAddresses;
    private final List<String> protocols;
    private final @Nullable Multiaddr observedAddress;
    private final String protocolVersion;
    private final String agentVersion;
    private final byte @Nullable [] signedPeerRecord;

    private Identify(Builder builder) {
        publicKey = builder.publicKey;
        listenAddresses = builder.listenAddresses;
        protocols = builder.protocols;
        observedAddress = builder.observedAddress;
        protocolVersion = builder.protocolVersion;
        agentVersion = builder.agentVersion;
        signedPeerRecord = builder.signedPeerRecord;
        if (listenAddresses.size() > MAX_ADDRESSES) {
            throw new MalformedException(
                    "a peer has at most %d addresses, got %d".formatted(MAX_ADDRESSES, listenAddresses.size()));
        }
        if (protocols.size() > MAX_PROTOCOLS) {
            throw new MalformedException(
                    "a peer has at most %d protocols, got %d".formatted(MAX_PROTOCOLS, protocols.size()));
        }
    }

    /** Starts with nothing told. */
    public static Builder builder() {
        return new Builder();
    }

    /** The peer's key; empty if it told none, or one that can't be read. */
    public Optional<PublicKey> publicKey() {
        return Optional.ofNullable(publicKey);
    }

    /** Where the peer says that it listens; unsigned, so prefer {@link #addressesOf}. */
    public List<Multiaddr> listenAddresses() {
        return listenAddresses;
    }

    /** The protocols that the peer speaks. */
    public List<String> protocols() {
        return protocols;
    }

    /** The other end's address as the peer sees it. */
    public Optional<Multiaddr> observedAddress() {
        return Optional.ofNullable(observedAddress);
    }

    /** The peer's network; empty if it told none. */
    public String protocolVersion() {
        return protocolVersion;
    }

    /** The peer's program; empty if it told none. */
    public String agentVersion() {
        return agentVersion;
    }

    /** A copy of the envelope with the peer's record, not verified. */
    public Optional<byte[]> signedPeerRecord() {
        return Optional.ofNullable(signedPeerRecord).map(byte[]::clone);
    }

    /**
     * The peer's verified record, if it sent one of its own.
     *
     * @param peer whom the secure channel has proven the sender to be
     */
    public Optional<PeerRecord> recordOf(PeerId peer) {
        return verifiedEnvelope().flatMap(envelope -> recordIn(envelope, peer));
    }

    /**
     * The addresses to remember for the peer, as go-libp2p decides it: those of a verified record alone; none, if the record
     * verifies but is another's; the unsigned ones, if there is no record that verifies.
     *
     * @param peer whom the secure channel has proven the sender to be
     * @param remote the address at the connection's other end: over loopback all addresses make sense, within a private
     *     network all but loopback ones, and from elsewhere public ones only
     */
    public List<Multiaddr> addressesOf(PeerId peer, Multiaddr remote) {
        Optional<SignedEnvelope> envelope = verifiedEnvelope();
        List<Multiaddr> told = envelope.isPresent()
                ? envelope.flatMap(signed -> recordIn(signed, peer))
                        .map(PeerRecord::addresses)
                        .orElse(List.of())
                : listenAddresses;
        Predicate<AddressScope> makesSense = scopesSeenFrom(AddressScope.of(remote));
        return told.stream()
                .filter(address -> makesSense.test(AddressScope.of(address)))
                .limit(MAX_ADDRESSES)
                .toList();
    }

    private Optional<SignedEnvelope> verifiedEnvelope() {
        if (signedPeerRecord == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(PeerRecord.openEnvelope(signedPeerRecord));
        } catch (MalformedException e) {
            return Optional.empty(); // the peer is no worse than one that sends none
        }
    }

    private static Optional<PeerRecord> recordIn(SignedEnvelope envelope, PeerId peer) {
        if (!envelope.signer().peerId().equals(peer)) {
            return Optional.empty();
        }
        try {
            return Optional.of(PeerRecord.from(envelope));
        } catch (MalformedException e) {
            return Optional.empty(); // signed, but no record of the signer
        }
    }

    private static Predicate<AddressScope> scopesSeenFrom(AddressScope remote) {
        return switch (remote) {
            case LOOPBACK -> scope -> true;
            case PRIVATE, IP6_LINK_LOCAL -> scope -> scope != AddressScope.LOOPBACK;
            default -> scope -> scope == AddressScope.PUBLIC;
        };
    }

    /** Puts together what one tells. Used by one thread. */
    public static final class Builder {
        private @Nullable PublicKey publicKey;
        private List<Multiaddr> listenAddresses = List.of();
        private List<String> protocols = List.of();
        private @Nullable Multiaddr observedAddress;
        private String protocolVersion = "";
        private String agentVersion = "";
        private byte @Nullable [] signedPeerRecord;

        private Builder() {}

        /** The sender's key. */
        public Builder publicKey(PublicKey key) {
            publicKey = requireNonNull(key, "key");
            return this;
        }

        /** Where the sender listens, without peer ID. */
        public Builder listenAddresses(List<Multiaddr> addresses) {
            listenAddresses = List.copyOf(addresses);
            return this;
        }

        /** The protocols that the sender speaks. */
        public Builder protocols(List<String> spoken) {
            protocols = List.copyOf(spoken);
            return this;
        }

        /** The receiver's address as the sender sees it. */
        public Builder observedAddress(Multiaddr address) {
            observedAddress = requireNonNull(address, "address");
            return this;
        }

        /** The sender's network. */
        public Builder protocolVersion(String version) {
            protocolVersion = requireNonNull(version, "version");
            return this;
        }

        /** The sender's program. */
        public Builder agentVersion(String version) {
            agentVersion = requireNonNull(version, "version");
            return this;
        }

        /** The serialized envelope of the sender's record. */
        public Builder signedPeerRecord(byte[] envelope) {
            signedPeerRecord = envelope.clone();
            return this;
        }

        /** @throws MalformedException if there are too many addresses or protocols */
        public Identify build() {
            return new Identify(this);
        }
    }
}
