package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.util.List;

/**
 * What a message says about a peer.
 *
 * @param addresses where it listens, without a trailing {@code /p2p}; may be empty
 * @param connection how the sender of the message is connected to it
 */
public record PeerEntry(PeerId id, List<Multiaddr> addresses, Connection connection) {
    /** The addresses that are read of one entry; a node has a few interfaces, and go-libp2p lists at most 20 for long. */
    public static final int MAX_ADDRESSES = 32;

    /** libp2p/specs, kad-dht/README.md#rpc-messages, {@code Message.ConnectionType}. */
    public enum Connection {
        /** No connection, and no word on whether one could be made. */
        NOT_CONNECTED(0),
        /** A live connection. */
        CONNECTED(1),
        /** There was one lately. */
        CAN_CONNECT(2),
        /** Tried lately, in vain. */
        CANNOT_CONNECT(3);

        private static final Connection[] ALL = values(); // each call makes a copy, and messages are full of these

        private final int number;

        Connection(int number) {
            this.number = number;
        }

        /** The number on the wire. */
        int number() {
            return number;
        }

        /** A number without a meaning says as little as none. */
        static Connection numbered(int number) {
            for (Connection connection : ALL) {
                if (connection.number == number) {
                    return connection;
                }
            }
            return NOT_CONNECTED;
        }
    }

    /** Copies the addresses. */
    public PeerEntry {
        addresses = List.copyOf(addresses);
    }
}
