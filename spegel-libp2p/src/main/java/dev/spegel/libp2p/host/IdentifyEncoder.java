package dev.spegel.libp2p.host;

import com.google.protobuf.ByteString;
import dev.spegel.libp2p.host.internal.IdentifyMessages.IdentifyMessage;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Varint;
import java.nio.ByteBuffer;
import java.util.List;

/** Writes {@link Identify} as it goes on a stream. */
public final class IdentifyEncoder {
    /** What is longer goes in two messages, the record by itself, as old peers read no more: p2p/protocol/identify/id.go. */
    static final int MAX_WHOLE_LENGTH = 2048;

    private IdentifyEncoder() {}

    /**
     * One or two messages, each with its length before it, in a row. The end of the stream must follow: peers read up to
     * there.
     *
     * @throws MalformedException if a message gets longer than peers accept, {@link IdentifyDecoder#MAX_MESSAGE_LENGTH}
     */
    public static byte[] encode(Identify identify) {
        IdentifyMessage whole = message(identify);
        if (whole.getSerializedSize() <= MAX_WHOLE_LENGTH || !whole.hasSignedPeerRecord()) {
            return frames(List.of(whole));
        }
        return frames(List.of(
                whole.toBuilder().clearSignedPeerRecord().build(),
                IdentifyMessage.newBuilder()
                        .setSignedPeerRecord(whole.getSignedPeerRecord())
                        .build()));
    }

    private static IdentifyMessage message(Identify identify) {
        IdentifyMessage.Builder message = IdentifyMessage.newBuilder()
                .setProtocolVersion(ByteString.copyFromUtf8(identify.protocolVersion()))
                .setAgentVersion(ByteString.copyFromUtf8(identify.agentVersion()));
        identify.publicKey().ifPresent(key -> message.setPublicKey(ByteString.copyFrom(key.toBytes())));
        identify.listenAddresses().forEach(address -> message.addListenAddrs(ByteString.copyFrom(address.toBytes())));
        identify.protocols().forEach(protocol -> message.addProtocols(ByteString.copyFromUtf8(protocol)));
        identify.observedAddress()
                .ifPresent(address -> message.setObservedAddr(ByteString.copyFrom(address.toBytes())));
        identify.signedPeerRecord().ifPresent(envelope -> message.setSignedPeerRecord(ByteString.copyFrom(envelope)));
        return message.build();
    }

    private static byte[] frames(List<IdentifyMessage> messages) {
        int length = 0;
        for (IdentifyMessage message : messages) {
            int size = message.getSerializedSize();
            if (size > IdentifyDecoder.MAX_MESSAGE_LENGTH) {
                throw new MalformedException("an identify message has at most %d bytes, got %d"
                        .formatted(IdentifyDecoder.MAX_MESSAGE_LENGTH, size));
            }
            length += Varint.length(size) + size;
        }
        ByteBuffer out = ByteBuffer.allocate(length);
        for (IdentifyMessage message : messages) {
            Varint.write(message.getSerializedSize(), out);
            out.put(message.toByteArray());
        }
        return out.array();
    }
}
