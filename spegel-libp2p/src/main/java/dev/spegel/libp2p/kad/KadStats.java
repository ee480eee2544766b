package dev.spegel.libp2p.kad;

import java.util.Map;

/**
 * What a DHT node has and has done, at one moment. Counts start with the node.
 *
 * @param peers the size of the routing table
 * @param records those kept for others
 * @param provided the keys that this node announces
 * @param sent messages by type, requests and answers together; without types that never occurred
 * @param received likewise
 * @param bytesSent the bytes of those messages, lengths included
 * @param bytesReceived likewise
 * @param failedRequests requests without a good answer, for whatever reason
 * @param failedAnnouncements batches of keys that a peer didn't take
 * @param refusedStreams streams of others that were reset, since they broke a rule or exceeded a bound
 */
public record KadStats(
        int peers,
        int records,
        int provided,
        Map<KadMessage.Type, Long> sent,
        Map<KadMessage.Type, Long> received,
        long bytesSent,
        long bytesReceived,
        long failedRequests,
        long failedAnnouncements,
        long refusedStreams) {
    /** Copies the maps. */
    public KadStats {
        sent = Map.copyOf(sent);
        received = Map.copyOf(received);
    }
}
