package dev.spegel.libp2p.identity;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.spegel.libp2p.identity.internal.RecordMessages.PeerRecordMessage;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Where a peer says that it can be reached (libp2p/specs, RFC/0003-routing-records.md; domain and type are those that
 * are deployed, which differ from the text's).
 *
 * @param peerId whose addresses they are
 * @param seq grows with each record of a peer; unsigned. By custom the time in nanoseconds since 1970, so that it grows
 *     over restarts too: js-libp2p ignores records that aren't newer than the last
 * @param addresses without the peer ID at their end
 */
public record PeerRecord(PeerId peerId, long seq, List<Multiaddr> addresses) {
    /** What a peer record's signature is for. */
    static final String DOMAIN = "libp2p-peer-record";

    /** Multicodec table, {@code libp2p-peer-record}. */
    private static final byte[] PAYLOAD_TYPE = HexFormat.of().parseHex("0301");

    /** Copies the addresses. */
    public PeerRecord {
        addresses = List.copyOf(addresses);
    }

    /**
     * Reads a record that came in an envelope. Addresses that can't be read are left out.
     *
     * @throws MalformedException if the envelope holds something else, or a record of another than its signer
     */
    public static PeerRecord from(SignedEnvelope envelope) {
        if (!Arrays.equals(envelope.payloadType(), PAYLOAD_TYPE)) {
            throw new MalformedException("a peer record's envelope says so, got payload type "
                    + HexFormat.of().formatHex(envelope.payloadType()));
        }
        PeerRecordMessage message;
        try {
            message = PeerRecordMessage.parseFrom(envelope.payload());
        } catch (InvalidProtocolBufferException e) {
            throw new MalformedException("a peer record is a protobuf message", e);
        }
        PeerId peerId = PeerId.fromBytes(message.getPeerId().toByteArray());
        PeerId signer = envelope.signer().peerId();
        if (!peerId.equals(signer)) {
            throw new MalformedException(
                    "a peer signs its own record, got that of %s signed by %s".formatted(peerId, signer));
        }
        List<byte[]> addresses = message.getAddressesList().stream()
                .map(address -> address.getMultiaddr().toByteArray())
                .toList();
        return new PeerRecord(peerId, message.getSeq(), Multiaddr.readableOf(addresses));
    }

    /**
     * Opens an envelope that should hold a peer record.
     *
     * @throws MalformedException as {@link SignedEnvelope#open}, and {@link #from}
     */
    public static PeerRecord open(byte[] envelope) {
        return from(openEnvelope(envelope));
    }

    /**
     * Verifies an envelope's signature as that of a peer record, but doesn't look inside.
     *
     * @throws MalformedException as {@link SignedEnvelope#open}
     */
    public static SignedEnvelope openEnvelope(byte[] envelope) {
        return SignedEnvelope.open(envelope, DOMAIN);
    }

    /**
     * Signs this record.
     *
     * @throws IllegalArgumentException if it is another's
     */
    public SignedEnvelope seal(KeyPair signer) {
        if (!signer.peerId().equals(peerId)) {
            throw new IllegalArgumentException(
                    "a peer signs its own record, got that of %s for %s".formatted(peerId, signer));
        }
        return SignedEnvelope.seal(signer, DOMAIN, PAYLOAD_TYPE, toBytes());
    }

    /** Whether this record of a peer replaces that one. */
    public boolean isNewerThan(PeerRecord other) {
        return Long.compareUnsigned(seq, other.seq) > 0;
    }

    private byte[] toBytes() {
        PeerRecordMessage.Builder message = PeerRecordMessage.newBuilder()
                .setPeerId(ByteString.copyFrom(peerId.toBytes()))
                .setSeq(seq);
        for (Multiaddr address : addresses) {
            message.addAddressesBuilder().setMultiaddr(ByteString.copyFrom(address.toBytes()));
        }
        return message.build().toByteArray();
    }
}
