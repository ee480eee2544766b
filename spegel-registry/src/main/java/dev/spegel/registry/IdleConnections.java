package dev.spegel.registry;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** Connections to peers that wait to be used again. Safe for use by many threads. */
final class IdleConnections implements AutoCloseable {
    /**
     * As many as this node streams bodies at a time by default: in a burst of small ones each would otherwise open a connection and close
     * it again.
     */
    static final int MAX_PER_PEER = 64;

    /** What a burst to two peers leaves behind; a file descriptor each, here and there. */
    static final int MAX_IN_ALL = 128;

    /** Far less than the minutes after which servers close idle connections, so that a question rarely meets a closed one. */
    static final Duration MAX_IDLE = Duration.ofSeconds(20);

    private final LongSupplier nanoClock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<InetSocketAddress, Deque<PeerConnection>> connections = new HashMap<>();
    private int count;
    private boolean closed;

    IdleConnections(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** The connection used last that is still good. */
    Optional<PeerConnection> take(InetSocketAddress address) {
        while (true) {
            PeerConnection connection;
            lock.lock();
            try {
                Deque<PeerConnection> ofPeer = connections.get(address);
                if (ofPeer == null) {
                    return Optional.empty();
                }
                connection = ofPeer.removeLast();
                count--;
                if (ofPeer.isEmpty()) {
                    connections.remove(address);
                }
            } finally {
                lock.unlock();
            }
            if (!connection.idleLongerThan(MAX_IDLE, nanoClock.getAsLong()) && connection.isStillClean()) {
                return Optional.of(connection);
            }
            connection.close();
        }
    }

    /** Keeps a connection whose last answer was read to its end, or closes it if there are enough. */
    void give(PeerConnection connection) {
        connection.markIdle(nanoClock.getAsLong());
        lock.lock();
        try {
            if (!closed) {
                if (count >= MAX_IN_ALL) {
                    closeOld();
                }
                Deque<PeerConnection> ofPeer =
                        connections.computeIfAbsent(connection.address(), address -> new ArrayDeque<>());
                if (count < MAX_IN_ALL && ofPeer.size() < MAX_PER_PEER) {
                    ofPeer.addLast(connection);
                    count++;
                    return;
                }
                if (ofPeer.isEmpty()) {
                    connections.remove(connection.address());
                }
            }
        } finally {
            lock.unlock();
        }
        connection.close();
    }

    /** How many connections are kept. */
    int size() {
        lock.lock();
        try {
            return count;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            connections.values().forEach(ofPeer -> ofPeer.forEach(PeerConnection::close));
            connections.clear();
            count = 0;
        } finally {
            lock.unlock();
        }
    }

    private void closeOld() {
        long nowNanos = nanoClock.getAsLong();
        for (Iterator<Deque<PeerConnection>> peers = connections.values().iterator(); peers.hasNext(); ) {
            Deque<PeerConnection> ofPeer = peers.next();
            while (!ofPeer.isEmpty() && ofPeer.getFirst().idleLongerThan(MAX_IDLE, nowNanos)) {
                ofPeer.removeFirst().close();
                count--;
            }
            if (ofPeer.isEmpty()) {
                peers.remove();
            }
        }
    }
}
