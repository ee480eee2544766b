package dev.spegel.libp2p.kad;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counts what goes in and out. Written by the event loop, read by anybody. */
final class Traffic {
    private static final KadMessage.Type[] TYPES = KadMessage.Type.values();

    /** By the numbers of types, which run from 0. */
    private final AtomicLongArray sent = new AtomicLongArray(TYPES.length);

    private final AtomicLongArray received = new AtomicLongArray(TYPES.length);
    private final AtomicLong bytesSent = new AtomicLong();
    private final AtomicLong bytesReceived = new AtomicLong();
    private final AtomicLong failedRequests = new AtomicLong();
    private final AtomicLong failedAnnouncements = new AtomicLong();
    private final AtomicLong refusedStreams = new AtomicLong();

    void sent(KadMessage.Type type, int frameBytes) {
        sent.incrementAndGet(type.number());
        bytesSent.addAndGet(frameBytes);
    }

    void received(KadMessage.Type type, int frameBytes) {
        received.incrementAndGet(type.number());
        bytesReceived.addAndGet(frameBytes);
    }

    void requestFailed() {
        failedRequests.incrementAndGet();
    }

    void announcementFailed() {
        failedAnnouncements.incrementAndGet();
    }

    void streamRefused() {
        refusedStreams.incrementAndGet();
    }

    KadStats snapshot(int peers, int records, int provided) {
        return new KadStats(
                peers,
                records,
                provided,
                byType(sent),
                byType(received),
                bytesSent.get(),
                bytesReceived.get(),
                failedRequests.get(),
                failedAnnouncements.get(),
                refusedStreams.get());
    }

    private static Map<KadMessage.Type, Long> byType(AtomicLongArray counts) {
        Map<KadMessage.Type, Long> byType = new EnumMap<>(KadMessage.Type.class);
        for (KadMessage.Type type : TYPES) {
            long count = counts.get(type.number());
            if (count > 0) {
                byType.put(type, count);
            }
        }
        return byType;
    }
}
