package dev.spegel.libp2p.host;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.spegel.libp2p.host.internal.IdentifyMessages.IdentifyMessage;
import dev.spegel.libp2p.identity.PublicKey;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.multiformats.Varint;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Reads {@link Identify} from a stream, piece by piece as it comes: messages with their lengths before them, merged as
 * protobuf merges (lists are joined, of the rest the last counts), until the stream ends. Used by one thread.
 *
 * <p>Holds at most {@link #MAX_MESSAGE_LENGTH} bytes of a message that isn't whole, and {@link #MAX_MESSAGES} that are.
 */
public final class IdentifyDecoder {
    /** The longest message that go-libp2p and js-libp2p read: p2p/protocol/identify/id.go. */
    public static final int MAX_MESSAGE_LENGTH = 8192;

    /** go-libp2p reads ten times, the end of the stream included: p2p/protocol/identify/id.go. */
    public static final int MAX_MESSAGES = 9;

    /** The varint of {@link #MAX_MESSAGE_LENGTH} has two bytes. */
    private static final int MAX_PREFIX_LENGTH = Varint.length(MAX_MESSAGE_LENGTH);

    private final ByteBuffer held = ByteBuffer.allocate(MAX_PREFIX_LENGTH + MAX_MESSAGE_LENGTH);
    private final IdentifyMessage.Builder merged = IdentifyMessage.newBuilder();
    private int messages;

    /** Starts before the first byte of a stream. */
    public IdentifyDecoder() {}

    /**
     * Takes all that {@code in} holds.
     *
     * @throws MalformedException if a message is too long or malformed, or there are too many; then the decoder is of no
     *     further use
     */
    public void read(ByteBuffer in) {
        while (in.hasRemaining()) {
            int taken = Math.min(in.remaining(), held.remaining());
            held.put(in.slice(in.position(), taken));
            in.position(in.position() + taken);
            held.flip();
            takeWholeMessages();
            held.compact();
        }
    }

    private void takeWholeMessages() {
        while (true) {
            long length = Varint.peek(held, MAX_PREFIX_LENGTH);
            if (length > MAX_MESSAGE_LENGTH) {
                throw new MalformedException(
                        "an identify message has at most %d bytes, got %d".formatted(MAX_MESSAGE_LENGTH, length));
            }
            if (length < 0 || Varint.length(length) + length > held.remaining()) {
                return;
            }
            if (++messages > MAX_MESSAGES) {
                throw new MalformedException("a peer introduces itself in at most %d messages".formatted(MAX_MESSAGES));
            }
            held.position(held.position() + Varint.length(length));
            merge((int) length);
        }
    }

    private void merge(int length) {
        try {
            merged.mergeFrom(IdentifyMessage.parseFrom(held.slice(held.position(), length)));
        } catch (InvalidProtocolBufferException e) {
            throw new MalformedException("an identify message is a protobuf message", e);
        }
        held.position(held.position() + length);
    }

    /**
     * What has been told, once the stream has ended. What can't be read of it is left out: addresses and keys of unknown
     * kinds are no error. Protocols and addresses past {@link Identify#MAX_PROTOCOLS} and {@link Identify#MAX_ADDRESSES} are
     * left out too.
     *
     * @throws MalformedException if the stream has ended in the middle of a message, or before the first
     */
    public Identify end() {
        if (held.position() > 0) {
            throw new MalformedException(
                    "the stream ended after %d bytes of an identify message".formatted(held.position()));
        }
        if (messages == 0) {
            throw new MalformedException("the stream ended before an identify message");
        }
        Identify.Builder identify = Identify.builder()
                .protocols(merged.getProtocolsList().stream()
                        .limit(Identify.MAX_PROTOCOLS)
                        .map(ByteString::toStringUtf8)
                        .toList())
                .listenAddresses(firstReadable(merged.getListenAddrsList()))
                .protocolVersion(merged.getProtocolVersion().toStringUtf8())
                .agentVersion(merged.getAgentVersion().toStringUtf8());
        readKey(identify);
        Multiaddr.tryFromBytes(merged.getObservedAddr().toByteArray()).ifPresent(identify::observedAddress);
        if (merged.hasSignedPeerRecord()) {
            identify.signedPeerRecord(merged.getSignedPeerRecord().toByteArray());
        }
        return identify.build();
    }

    private static List<Multiaddr> firstReadable(List<ByteString> encoded) {
        return Multiaddr.readableOf(
                        encoded.stream().map(ByteString::toByteArray).toList())
                .stream()
                .limit(Identify.MAX_ADDRESSES)
                .toList();
    }

    private void readKey(Identify.Builder identify) {
        if (!merged.hasPublicKey()) {
            return;
        }
        try {
            identify.publicKey(PublicKey.fromBytes(merged.getPublicKey().toByteArray()));
        } catch (MalformedException e) {
            // Left out: the secure channel has proven the peer's key, this one is told for the record only.
        }
    }
}
