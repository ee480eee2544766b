package dev.spegel.libp2p.kad;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads and writes {@link KadMessage}s field by field.
 *
 * <p>Not with a generated class, since that makes an object of every entry: four megabytes of empty ones, two bytes each,
 * would become some hundred megabytes of objects before anything could be refused. Here what exceeds a bound is skipped as it
 * is read.
 *
 * <p>Field numbers: libp2p/specs, kad-dht/README.md#rpc-messages. Go writes fields by number and leaves out proto3 defaults.
 */
final class MessageCodec {
    /**
     * The entries read of one list, those included that turn out to be none: finding that out costs time as well. A lookup uses 40 closer peers (go-libp2p-kad-dht) and a few providers; this leaves room for
     * a cluster of a thousand nodes that all have the same content.
     */
    static final int MAX_ENTRIES = 1024;

    /** The serialized size of an entry when written; addresses beyond it are left out, as go-libp2p-kad-dht does. */
    static final int MAX_ENTRY_BYTES = 8192;

    private static final int TYPE = 1;
    private static final int KEY = 2;
    private static final int CLOSER_PEERS = 8;
    private static final int PROVIDER_PEERS = 9;
    private static final int LEVEL = 10;
    private static final int PEER_ID = 1;
    private static final int PEER_ADDRESSES = 2;
    private static final int PEER_CONNECTION = 3;

    private static final int TAG_TYPE = tag(TYPE, WireFormat.WIRETYPE_VARINT);
    private static final int TAG_KEY = tag(KEY, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    private static final int TAG_CLOSER_PEERS = tag(CLOSER_PEERS, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    private static final int TAG_PROVIDER_PEERS = tag(PROVIDER_PEERS, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    private static final int TAG_LEVEL = tag(LEVEL, WireFormat.WIRETYPE_VARINT);
    private static final int TAG_PEER_ID = tag(PEER_ID, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    private static final int TAG_PEER_ADDRESSES = tag(PEER_ADDRESSES, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    private static final int TAG_PEER_CONNECTION = tag(PEER_CONNECTION, WireFormat.WIRETYPE_VARINT);

    private MessageCodec() {}

    static KadMessage read(byte[] message) {
        try {
            return read(CodedInputStream.newInstance(message));
        } catch (IOException e) {
            throw new MalformedException("a DHT message of %d bytes isn't protobuf".formatted(message.length), e);
        }
    }

    private static KadMessage read(CodedInputStream in) throws IOException {
        int type = 0;
        byte[] key = {};
        int level = 0;
        List<PeerEntry> closer = new ArrayList<>();
        List<PeerEntry> providers = new ArrayList<>();
        int closerRead = 0;
        int providersRead = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == TAG_TYPE) {
                type = in.readInt32();
            } else if (tag == TAG_KEY) {
                key = in.readByteArray();
            } else if (tag == TAG_CLOSER_PEERS && closerRead < MAX_ENTRIES) {
                closerRead++;
                readEntry(in).ifPresent(closer::add);
            } else if (tag == TAG_PROVIDER_PEERS && providersRead < MAX_ENTRIES) {
                providersRead++;
                readEntry(in).ifPresent(providers::add);
            } else if (tag == TAG_LEVEL) {
                level = in.readInt32();
            } else {
                skip(in, tag);
            }
        }
        return new KadMessage(KadMessage.Type.numbered(type), KadKey.of(key), closer, providers, level);
    }

    private static Optional<PeerEntry> readEntry(CodedInputStream in) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        byte[] id = {};
        int connection = 0;
        int addressesRead = 0;
        List<Multiaddr> addresses = new ArrayList<>(4);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == TAG_PEER_ID) {
                id = in.readByteArray();
            } else if (tag == TAG_PEER_ADDRESSES && addressesRead < PeerEntry.MAX_ADDRESSES) {
                addressesRead++;
                Multiaddr.tryFromBytes(in.readByteArray()).ifPresent(addresses::add);
            } else if (tag == TAG_PEER_CONNECTION) {
                connection = in.readInt32();
            } else {
                skip(in, tag);
            }
        }
        in.popLimit(limit);
        List<Multiaddr> read = addresses;
        PeerEntry.Connection connected = PeerEntry.Connection.numbered(connection);
        return readId(id).map(peer -> new PeerEntry(peer, read, connected));
    }

    private static void skip(CodedInputStream in, int tag) throws IOException {
        if (!in.skipField(tag)) {
            throw new MalformedException("a DHT message ends a group that never began");
        }
    }

    /** One entry that is no good must not cost the others, as in go-libp2p-kad-dht. */
    private static Optional<PeerId> readId(byte[] id) {
        try {
            return Optional.of(PeerId.fromBytes(id));
        } catch (MalformedException e) {
            return Optional.empty();
        }
    }

    static byte[] write(KadMessage message) {
        List<byte[]> closer =
                message.closerPeers().stream().map(MessageCodec::write).toList();
        List<byte[]> providers =
                message.providerPeers().stream().map(MessageCodec::write).toList();
        byte[] key = message.key().toBytes();
        int size = closer.stream()
                        .mapToInt(entry -> CodedOutputStream.computeByteArraySize(CLOSER_PEERS, entry))
                        .sum()
                + providers.stream()
                        .mapToInt(entry -> CodedOutputStream.computeByteArraySize(PROVIDER_PEERS, entry))
                        .sum();
        if (message.type().number() != 0) {
            size += CodedOutputStream.computeEnumSize(TYPE, message.type().number());
        }
        if (key.length > 0) {
            size += CodedOutputStream.computeByteArraySize(KEY, key);
        }
        if (message.level() != 0) {
            size += CodedOutputStream.computeInt32Size(LEVEL, message.level());
        }
        byte[] bytes = new byte[size];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            if (message.type().number() != 0) {
                out.writeEnum(TYPE, message.type().number());
            }
            if (key.length > 0) {
                out.writeByteArray(KEY, key);
            }
            for (byte[] entry : closer) {
                out.writeByteArray(CLOSER_PEERS, entry);
            }
            for (byte[] entry : providers) {
                out.writeByteArray(PROVIDER_PEERS, entry);
            }
            if (message.level() != 0) {
                out.writeInt32(LEVEL, message.level());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the array was measured", e);
        }
        out.checkNoSpaceLeft();
        return bytes;
    }

    private static byte[] write(PeerEntry entry) {
        byte[] id = entry.id().toBytes();
        int connection = entry.connection().number();
        int size = CodedOutputStream.computeByteArraySize(PEER_ID, id)
                + (connection == 0 ? 0 : CodedOutputStream.computeEnumSize(PEER_CONNECTION, connection));
        List<byte[]> addresses = new ArrayList<>(entry.addresses().size());
        for (Multiaddr address : entry.addresses()) {
            byte[] bytes = address.toBytes();
            int more = CodedOutputStream.computeByteArraySize(PEER_ADDRESSES, bytes);
            if (size + more > MAX_ENTRY_BYTES) {
                break;
            }
            size += more;
            addresses.add(bytes);
        }
        byte[] written = new byte[size];
        CodedOutputStream out = CodedOutputStream.newInstance(written);
        try {
            out.writeByteArray(PEER_ID, id);
            for (byte[] address : addresses) {
                out.writeByteArray(PEER_ADDRESSES, address);
            }
            if (connection != 0) {
                out.writeEnum(PEER_CONNECTION, connection);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the array was measured", e);
        }
        out.checkNoSpaceLeft();
        return written;
    }

    private static int tag(int field, int wireType) {
        return field << 3 | wireType;
    }
}
