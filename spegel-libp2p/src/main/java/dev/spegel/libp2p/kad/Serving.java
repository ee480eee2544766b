package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.host.Stream;
import dev.spegel.libp2p.host.StreamHandler;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.yamux.ResetCode;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers peers on the streams that they open, and sees to it that none takes more than its share. On the event loop only.
 *
 * <p>Outline: what arrives is held by its {@link ServedStream} until its turn comes. In a turn at most
 * {@link #REQUESTS_A_TURN} requests are answered, one of each peer that has any after the other; then the event loop goes on with
 * other work. So a flood delays its own peer, and anybody else by one request at a time. What streams hold counts against one
 * bound, and when that's reached, the peer that holds most loses its streams. When there are as many streams as there may be, the
 * peer that has most gives one up for a peer that has fewer.
 */
final class Serving {
    /** Some 2 ms of work at most, with 128 providers in each answer. */
    static final int REQUESTS_A_TURN = 16;

    /** Streams of one peer. Go and this node use one and a few more for announcements, js-libp2p one a request. */
    static final int MAX_STREAMS_PER_PEER = 32;

    /** Streams of all peers: two for each of twice the peers that a host keeps. */
    static final int MAX_STREAMS = 768;

    /** What requests and answers take that all streams hold; 30,000 announcements at a time, each in a piece of its own. */
    static final int MAX_HELD_BYTES = 8 * 1024 * 1024;

    /** How many looks there are at streams within the shorter of their limits. */
    private static final int LOOKS_A_LIMIT = 4;

    private static final Logger log = LoggerFactory.getLogger(Serving.class);

    /** Says what to do with a request. */
    interface Responder {
        KadAnswer answer(PeerId from, KadMessage request);

        /** A turn is over, in which {@link #answer} was called. */
        void turnEnded();
    }

    /** What belongs to one peer. */
    static final class ServedPeer {
        final PeerId id;
        final Set<ServedStream> streams = new LinkedHashSet<>();
        final Deque<ServedStream> ready = new ArrayDeque<>();
        int heldBytes;

        ServedPeer(PeerId id) {
            this.id = id;
        }
    }

    private final ScheduledExecutorService executor;
    private final Duration lookInterval;
    private final int idleLooks;
    private final int stalledLooks;
    private final Traffic traffic;
    private final Responder responder;
    private final Map<PeerId, ServedPeer> peers = new HashMap<>();
    private final Deque<ServedPeer> ready = new ArrayDeque<>();
    private int streams;
    private int heldBytes;
    private boolean turnComing;
    private @Nullable Future<?> look;
    private boolean closed;

    Serving(ScheduledExecutorService executor, StreamLimits limits, Traffic traffic, Responder responder) {
        this.executor = executor;
        this.traffic = traffic;
        this.responder = responder;
        Duration shorter = limits.idle().compareTo(limits.stalled()) < 0 ? limits.idle() : limits.stalled();
        lookInterval = shorter.dividedBy(LOOKS_A_LIMIT);
        idleLooks = looks(limits.idle());
        stalledLooks = looks(limits.stalled());
    }

    private int looks(Duration limit) {
        return (int) Math.max(1, limit.dividedBy(lookInterval));
    }

    /** A peer has opened a stream. */
    StreamHandler accept(Stream stream) {
        ServedPeer peer = peers.computeIfAbsent(stream.peer(), ServedPeer::new);
        ServedStream served = new ServedStream(this, stream, peer);
        if (closed) {
            stream.reset(ResetCode.SHUTDOWN);
        } else if (peer.streams.size() >= MAX_STREAMS_PER_PEER || (streams >= MAX_STREAMS && !makeRoomFor(peer))) {
            traffic.streamRefused();
            stream.reset(ResetCode.RESOURCE_LIMIT_EXCEEDED);
            log.debug("{} has {} streams open, of {}: refused one more", peer.id, peer.streams.size(), streams);
        } else {
            peer.streams.add(served);
            streams++;
            lookLater();
        }
        removeIfUnused(peer);
        return served;
    }

    /** Takes the oldest stream from whoever has most, if that's more than the peer will have. */
    private boolean makeRoomFor(ServedPeer peer) {
        ServedPeer most = Collections.max(peers.values(), Comparator.comparingInt(each -> each.streams.size()));
        if (most.streams.size() <= peer.streams.size() + 1) {
            return false;
        }
        refuse(most.streams.iterator().next(), ResetCode.RESOURCE_LIMIT_EXCEEDED, "others need a stream");
        return true;
    }

    Responder responder() {
        return responder;
    }

    Traffic traffic() {
        return traffic;
    }

    int streams() {
        return streams;
    }

    /** The stream has something to do. */
    void ready(ServedStream stream) {
        ServedPeer peer = stream.servedPeer();
        if (peer.ready.isEmpty()) {
            ready.add(peer);
        }
        peer.ready.add(stream);
        if (!turnComing) {
            turnComing = true;
            executor.execute(this::turn);
        }
    }

    private void turn() {
        turnComing = false;
        if (closed) {
            return;
        }
        for (int i = 0; i < REQUESTS_A_TURN && !ready.isEmpty(); i++) {
            ServedPeer peer = ready.remove();
            ServedStream next = peer.ready.remove();
            if (!peer.ready.isEmpty()) {
                ready.add(peer);
            }
            serveOne(next);
        }
        responder.turnEnded();
        if (!ready.isEmpty() && !turnComing) {
            turnComing = true;
            // Not by execute: Netty's loop takes all of its tasks, those included that come meanwhile, before it reads
            // on.
            var unused = executor.schedule(this::turn, 0, TimeUnit.NANOSECONDS);
        }
    }

    private void serveOne(ServedStream stream) {
        try {
            stream.serveOne();
        } catch (RuntimeException e) {
            log.error("failed to serve a request of {}", stream.servedPeer().id, e);
            refuse(stream, ResetCode.UNSPECIFIED, "a fault of this side");
        }
    }

    /** A stream holds so many bytes more, or fewer. */
    void holds(ServedStream stream, int more) {
        stream.servedPeer().heldBytes += more;
        heldBytes += more;
        if (heldBytes > MAX_HELD_BYTES) {
            Optional<ServedPeer> greediest =
                    peers.values().stream().max(Comparator.comparingInt(peer -> peer.heldBytes));
            greediest.ifPresent(peer -> List.copyOf(peer.streams)
                    .forEach(each -> refuse(
                            each, ResetCode.RESOURCE_LIMIT_EXCEEDED, "%d bytes held".formatted(peer.heldBytes))));
        }
    }

    /** Ends a stream out of order. */
    void refuse(ServedStream stream, long code, String reason) {
        if (!stream.isGone()) {
            log.debug("reset a stream of {}: {}", stream.servedPeer().id, reason);
            traffic.streamRefused();
            stream.reset(code);
        }
    }

    /** The stream is no more. */
    void gone(ServedStream stream, int held) {
        ServedPeer peer = stream.servedPeer();
        if (peer.streams.remove(stream)) {
            streams--;
            peer.heldBytes -= held;
            heldBytes -= held;
            if (peer.ready.remove(stream) && peer.ready.isEmpty()) {
                ready.remove(peer);
            }
            removeIfUnused(peer);
        }
    }

    private void removeIfUnused(ServedPeer peer) {
        if (peer.streams.isEmpty()) {
            peers.remove(peer.id, peer);
        }
    }

    private void lookLater() {
        if (look == null) {
            look = executor.schedule(this::look, lookInterval.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void look() {
        look = null;
        if (closed) {
            return;
        }
        for (ServedPeer peer : List.copyOf(peers.values())) {
            for (ServedStream stream : List.copyOf(peer.streams)) {
                stream.look(idleLooks, stalledLooks);
            }
        }
        if (streams > 0) {
            lookLater();
        }
    }

    /** Resets all streams, and those still to come. */
    void close() {
        closed = true;
        for (ServedPeer peer : List.copyOf(peers.values())) {
            List.copyOf(peer.streams).forEach(stream -> stream.reset(ResetCode.SHUTDOWN));
        }
        if (look != null) {
            look.cancel(false);
        }
    }
}
