package dev.spegel.registry;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Quoted;
import dev.spegel.routing.Peer;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;

/**
 * How busy each peer is as this node sees it, over all content: how many requests it has in flight to it, how quickly its bytes came
 * lately, and whether it failed a moment ago. And the choice of the peer to ask.
 *
 * <p>Of two candidates drawn by chance the one that would serve sooner is taken: M. Mitzenmacher, "The Power of Two Choices in
 * Randomized Load Balancing" (1996). To take the best of all would send every node to the same peer at the same moment, as none
 * knows what the others ask.
 *
 * <p>Safe for use by many threads; nothing blocks. Peers are told apart by their ID.
 */
final class PeerLoads {
    /** A large cluster's worth of nodes; beyond them the idle one used least recently is forgotten. */
    static final int MAX_PEERS = 1000;

    /** A body shorter than that arrives with its headers or in one piece: what it takes says nothing about throughput. */
    static final long MIN_MEASURED_BYTES = 256 * 1024;

    /** After that, what a peer gave says nothing about what it would give now. So a peer that was slow gets its chance again. */
    static final long MEMORY_NANOS = TimeUnit.MINUTES.toNanos(2);

    /** Of older bytes half as much counts: about the time that a pull takes, so that the last pull counts most. */
    static final long HALF_LIFE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** A peer that couldn't be reached or was outrun is avoided for so long; a restart takes about as long. */
    static final long TROUBLE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** While avoided, a peer is taken for this much slower: others are asked as long as they aren't that busy. */
    static final int TROUBLE_FACTOR = 8;

    /** 1 GiB/s, about 10 Gbit/s: beyond what one relay moves, so faster ones are all the same. */
    static final double MAX_BYTES_PER_NANO = (1L << 30) / 1e9;

    /** Measurements differ by much for no reason; no peer is taken for more than so many times faster than another. */
    static final double MAX_RATIO = 4;

    /** Differences below a tenth are chance, and count as a tie. */
    private static final double CLEARLY = 0.9;

    private final ReentrantLock lock = new ReentrantLock();
    /** By peer ID; the one used least recently comes first. */
    private final Map<String, Load> loads = new LinkedHashMap<>(16, 0.75f, true);

    private final LongSupplier nanoClock;
    private final IntUnaryOperator randomBelow;

    PeerLoads(LongSupplier nanoClock) {
        this(nanoClock, bound -> ThreadLocalRandom.current().nextInt(bound));
    }

    /** @param randomBelow gives a number from 0 to its argument, which is excluded; draws the candidates, so it decides ties */
    PeerLoads(LongSupplier nanoClock, IntUnaryOperator randomBelow) {
        this.nanoClock = requireNonNull(nanoClock, "nanoClock");
        this.randomBelow = requireNonNull(randomBelow, "randomBelow");
    }

    /**
     * Chooses a peer and counts a request to it, in one step, so that threads that choose at once don't all choose the same. Empty if
     * there are no candidates. The caller closes the result.
     */
    Optional<Use> begin(List<Peer> candidates) {
        lock.lock();
        try {
            return candidates.isEmpty() ? Optional.empty() : Optional.of(count(choose(candidates)));
        } finally {
            lock.unlock();
        }
    }

    /** For how long this peer asked not to be asked again; zero if it may be asked. */
    long busyNanos(Peer peer) {
        lock.lock();
        try {
            Load load = loads.get(peer.id());
            return load == null || !load.busy ? 0 : Math.max(0, load.busyUntilNanos - nanoClock.getAsLong());
        } finally {
            lock.unlock();
        }
    }

    /** How many uses of this peer are open. */
    int inFlight(Peer peer) {
        lock.lock();
        try {
            Load load = loads.get(peer.id());
            return load == null ? 0 : load.inFlight;
        } finally {
            lock.unlock();
        }
    }

    /** How many peers are remembered, in use or not. */
    int peers() {
        lock.lock();
        try {
            return loads.size();
        } finally {
            lock.unlock();
        }
    }

    /** What is known of all that are remembered, by peer ID. */
    Map<String, PeerLoad> current() {
        Map<String, PeerLoad> current = new LinkedHashMap<>();
        lock.lock();
        try {
            long nowNanos = nanoClock.getAsLong();
            loads.forEach((id, load) -> current.put(id, load.described(nowNanos)));
        } finally {
            lock.unlock();
        }
        return current;
    }

    private Peer choose(List<Peer> candidates) {
        int count = candidates.size();
        int first = randomBelow.applyAsInt(count);
        if (count == 1) {
            return candidates.get(first);
        }
        int second = (first + 1 + randomBelow.applyAsInt(count - 1)) % count;
        Peer one = candidates.get(first);
        Peer other = candidates.get(second);
        long nowNanos = nanoClock.getAsLong();
        Load oneLoad = loads.getOrDefault(one.id(), Load.UNKNOWN);
        Load otherLoad = loads.getOrDefault(other.id(), Load.UNKNOWN);
        double ratio = oneLoad.speedup(otherLoad, nowNanos);
        return otherLoad.queue(nowNanos) * ratio < oneLoad.queue(nowNanos) * CLEARLY ? other : one;
    }

    private Use count(Peer peer) {
        Load load = loads.computeIfAbsent(peer.id(), id -> new Load());
        load.inFlight++;
        if (loads.size() > MAX_PEERS) {
            forgetOne();
        }
        return new Use(peer, load);
    }

    /** Those in use are bounded by the requests in flight, and few. */
    private void forgetOne() {
        for (Iterator<Load> eldestFirst = loads.values().iterator(); eldestFirst.hasNext(); ) {
            if (eldestFirst.next().inFlight == 0) {
                eldestFirst.remove();
                return;
            }
        }
    }

    /** What is known of one peer; guarded by the lock. */
    private static final class Load {
        /** Of a peer that was never used. Isn't changed. */
        static final Load UNKNOWN = new Load();

        int inFlight;
        /** What came lately, weighed by age, and in how much time of waiting for it. */
        double bytes;

        double nanos;
        long measuredNanos;
        boolean busy;
        long busyUntilNanos;
        boolean troubled;
        long troubledNanos;

        /** How many requests a new one would share the peer with, itself included. */
        double queue(long nowNanos) {
            return (inFlight + 1.0) * (isAvoided(nowNanos) ? TROUBLE_FACTOR : 1);
        }

        PeerLoad described(long nowNanos) {
            long busyNanos = busy ? busyUntilNanos - nowNanos : 0;
            return new PeerLoad(
                    inFlight,
                    isMeasured(nowNanos) ? OptionalDouble.of(bytes / Math.max(1, nanos) * 1e9) : OptionalDouble.empty(),
                    isAvoided(nowNanos),
                    busyNanos > 0 ? Optional.of(Duration.ofNanos(busyNanos)) : Optional.empty());
        }

        private boolean isAvoided(long nowNanos) {
            return troubled && nowNanos - troubledNanos < TROUBLE_NANOS;
        }

        /** How many times faster than the other this one is; 1 if one of them isn't known. */
        double speedup(Load other, long nowNanos) {
            if (!isMeasured(nowNanos) || !other.isMeasured(nowNanos)) {
                return 1;
            }
            return Math.max(1 / MAX_RATIO, Math.min(MAX_RATIO, bytesPerNano() / other.bytesPerNano()));
        }

        void measured(long newBytes, long newNanos, long nowNanos) {
            double weight = bytes == 0 ? 0 : Math.pow(0.5, (double) (nowNanos - measuredNanos) / HALF_LIFE_NANOS);
            // Streams share what a peer gives: three that get 30 MB/s each show that it gives 90.
            bytes = bytes * weight + (double) newBytes * Math.max(1, inFlight);
            nanos = nanos * weight + newNanos;
            measuredNanos = nowNanos;
        }

        private boolean isMeasured(long nowNanos) {
            return bytes > 0 && nowNanos - measuredNanos < MEMORY_NANOS;
        }

        private double bytesPerNano() {
            return Math.min(MAX_BYTES_PER_NANO, bytes / Math.max(1, nanos));
        }
    }

    /** One request to a peer, in flight until it is closed. Used by one thread at a time. */
    final class Use implements AutoCloseable {
        private final Peer peer;
        private final Load load;
        private final AtomicBoolean open = new AtomicBoolean(true);
        private long bytes;
        private long nanos;

        private Use(Peer peer, Load load) {
            this.peer = peer;
            this.load = load;
        }

        /** The peer in use. */
        Peer peer() {
            return peer;
        }

        /** Notes that this many bytes of a body came, and how long they were waited for. */
        void moved(long count, long waitedNanos) {
            bytes += count;
            nanos += waitedNanos;
            if (bytes >= MIN_MEASURED_BYTES) {
                lock.lock();
                try {
                    load.measured(bytes, nanos, nanoClock.getAsLong());
                } finally {
                    lock.unlock();
                }
                bytes = 0;
                nanos = 0;
            }
        }

        /** Notes that the peer couldn't be reached, broke off, or was outrun by one that was asked later. */
        void troubled() {
            lock.lock();
            try {
                load.troubled = true;
                load.troubledNanos = nanoClock.getAsLong();
            } finally {
                lock.unlock();
            }
        }

        /** Notes that the peer asks not to be asked again for so long. */
        void busyFor(Duration pause) {
            lock.lock();
            try {
                load.busy = true;
                load.busyUntilNanos = nanoClock.getAsLong() + pause.toNanos();
            } finally {
                lock.unlock();
            }
        }

        /** Closing twice is harmless. From any thread. */
        @Override
        public void close() {
            if (open.compareAndSet(true, false)) {
                lock.lock();
                try {
                    load.inFlight--;
                } finally {
                    lock.unlock();
                }
            }
        }

        @Override
        public String toString() {
            return "use of peer " + Quoted.of(peer.id());
        }
    }
}
