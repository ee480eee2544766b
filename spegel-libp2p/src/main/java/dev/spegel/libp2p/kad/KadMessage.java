package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Varint;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A request or an answer of the DHT.
 *
 * <p>Wire format: libp2p/specs, kad-dht/README.md#rpc-messages. Value records (field 3) are neither kept nor written: this
 * node stores no values. Unknown fields are skipped.
 *
 * @param key what is asked for; {@link KadKey#NONE} where a message has none
 * @param closerPeers peers near the key that the sender knows
 * @param providerPeers who has the content
 * @param level field {@code clusterLevelRaw}, without a use; Go writes 1 and copies a request's level into the answer
 */
public record KadMessage(Type type, KadKey key, List<PeerEntry> closerPeers, List<PeerEntry> providerPeers, int level) {
    /** The longest message either way: go-libp2p-kad-dht reads no longer one. */
    public static final int MAX_BYTES = 4 * 1024 * 1024;

    /**
     * The longest request that a server need read. The longest honest one announces its sender in one entry, which Go bounds to
     * 8 KiB; the rest is for fields to come.
     */
    public static final int MAX_REQUEST_BYTES = 64 * 1024;

    /** The level that requests carry. */
    static final int LEVEL = 1;

    /** What a message asks for or answers. */
    public enum Type {
        /** Stores a value. Not served here. */
        PUT_VALUE(0),
        /** Asks for a value; answered with closer peers only. */
        GET_VALUE(1),
        /** Announces that the sender has content. The one request without an answer. */
        ADD_PROVIDER(2),
        /** Asks who has content. */
        GET_PROVIDERS(3),
        /** Asks for the peers nearest to a key. */
        FIND_NODE(4),
        /** Asks for a sign of life. */
        PING(5);

        private static final Type[] ALL = values(); // each call makes a copy

        private final int number;

        Type(int number) {
            this.number = number;
        }

        /** The number on the wire. */
        int number() {
            return number;
        }

        static Type numbered(int number) {
            for (Type type : ALL) {
                if (type.number == number) {
                    return type;
                }
            }
            throw new MalformedException("a DHT message has a type from 0 to 5, got " + number);
        }
    }

    /** Copies the lists. */
    public KadMessage {
        closerPeers = List.copyOf(closerPeers);
        providerPeers = List.copyOf(providerPeers);
    }

    /** Asks for the peers nearest to {@code key}. */
    public static KadMessage findNode(KadKey key) {
        return new KadMessage(Type.FIND_NODE, key, List.of(), List.of(), LEVEL);
    }

    /** Asks who has the content named {@code key}. */
    public static KadMessage getProviders(KadKey key) {
        return new KadMessage(Type.GET_PROVIDERS, requireProviderKey(key), List.of(), List.of(), LEVEL);
    }

    /**
     * Announces that {@code provider} has the content named {@code key}. It must be the sender itself and have an address, or
     * the receiver resets the stream.
     */
    public static KadMessage addProvider(KadKey key, PeerEntry provider) {
        if (provider.addresses().isEmpty()) {
            throw new IllegalArgumentException("an announced provider has an address, got none for " + provider.id());
        }
        return new KadMessage(Type.ADD_PROVIDER, requireProviderKey(key), List.of(), List.of(provider), LEVEL);
    }

    /** Asks for a sign of life. */
    public static KadMessage ping() {
        return new KadMessage(Type.PING, KadKey.NONE, List.of(), List.of(), LEVEL);
    }

    /**
     * Reads a message, without its length.
     *
     * <p>Entries whose peer ID isn't one, and addresses that can't be read, are left out. So is what exceeds the bounds: of
     * either list the first {@link MessageCodec#MAX_ENTRIES} are read.
     *
     * @throws MalformedException if this isn't protobuf, or the type is none of {@link Type}
     */
    public static KadMessage parse(byte[] message) {
        return MessageCodec.read(message);
    }

    /** The message without its length. */
    public byte[] toBytes() {
        return MessageCodec.write(this);
    }

    /** The message as it travels: its length as a varint, then itself. */
    public byte[] toFrame() {
        byte[] message = toBytes();
        ByteBuffer frame = ByteBuffer.allocate(Varint.length(message.length) + message.length);
        Varint.write(message.length, frame);
        return frame.put(message).array();
    }

    /** @throws IllegalArgumentException if nothing can be announced under this key */
    static KadKey requireProviderKey(KadKey key) {
        if (!key.canHaveProviders()) {
            throw new IllegalArgumentException("a key of providers has 1 to %d bytes, got %d"
                    .formatted(KadKey.MAX_PROVIDER_KEY_BYTES, key.length()));
        }
        return key;
    }
}
