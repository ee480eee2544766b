package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a router what is to be told, a batch at a time in the right order, and repeats what it has told. For one thread; takes the
 * lock when it touches what it was given it with, and not while the router works.
 */
final class Announcer {
    private static final Logger log = LoggerFactory.getLogger(Announcer.class);

    /** A router that has met nobody fails at once and at no cost, and a node should be of use as soon as it has. */
    private static final Duration UNREADY_RETRY = Duration.ofSeconds(1);

    private final ReentrantLock lock;
    private final Router router;
    private final AdvertiserConfig config;
    private final Outage outage;
    private final LongSupplier nanoClock;
    private final Advertisable content;
    private final Kind<?> blobs;
    private final Kind<?> manifests;
    private final Kind<?> tags;

    /** What is left of a repetition that has begun. */
    private final Deque<Repetition<?>> repetition = new ArrayDeque<>();

    private long repeatedAtNanos;

    Announcer(
            Advertisable content,
            ReentrantLock lock,
            Router router,
            AdvertiserConfig config,
            Outage outage,
            LongSupplier nanoClock) {
        this.content = requireNonNull(content, "content");
        this.lock = requireNonNull(lock, "lock");
        this.router = requireNonNull(router, "router");
        this.config = requireNonNull(config, "config");
        this.outage = requireNonNull(outage, "outage");
        this.nanoClock = requireNonNull(nanoClock, "nanoClock");
        this.blobs = new Kind<>(content.blobs, Key::of);
        this.manifests = new Kind<>(content.manifests, Key::of);
        this.tags = new Kind<>(content.pullableTags, Key::of);
        this.repeatedAtNanos = nanoClock.getAsLong();
    }

    /**
     * Sends one batch, if there is something to send and the router isn't to be left alone for now. Returns whether there may be
     * more to send at once.
     */
    boolean sendNext() throws InterruptedException {
        if (!outage.untilRetry().isZero()) {
            return false;
        }
        try {
            // The first that has something to do; a kind later in this order is never told while an earlier one waits.
            boolean sent = tags.withdrawNext()
                    || manifests.withdrawNext()
                    || blobs.withdrawNext()
                    || blobs.advertiseNext()
                    || manifests.advertiseNext()
                    || tags.advertiseNext()
                    || repeatNext();
            if (sent) {
                outage.over();
            }
            return sent;
        } catch (RoutingException e) {
            if (router.ready()) {
                outage.failed(e);
            } else {
                log.debug("The router isn't ready: {}", e.toString());
                outage.notYet(UNREADY_RETRY);
            }
            return false;
        } catch (RuntimeException e) {
            outage.failed(e);
            return false;
        }
    }

    /** How long there is nothing to do here, if nothing changes. */
    Duration untilNext() {
        if (!isSettled() || !repetition.isEmpty()) {
            return outage.untilRetry();
        }
        return untilRepetition();
    }

    private Duration untilRepetition() {
        Duration left = router.advertisementInterval().minusNanos(nanoClock.getAsLong() - repeatedAtNanos);
        return left.isNegative() ? Duration.ZERO : left;
    }

    private boolean isSettled() {
        lock.lock();
        try {
            return content.isSettled();
        } finally {
            lock.unlock();
        }
    }

    /** Withdraws all, in order, until the limit has passed: then what is left stays until it expires. */
    void withdrawAll() throws RoutingException, InterruptedException {
        long start = nanoClock.getAsLong();
        for (Kind<?> kind : List.of(tags, manifests, blobs)) {
            kind.unwantAll();
            while (nanoClock.getAsLong() - start < config.withdrawalLimit().toNanos() && kind.withdrawNext()) {
                // the next batch
            }
        }
    }

    /** One batch at a time, so that changes come in between. */
    private boolean repeatNext() throws RoutingException, InterruptedException {
        if (repetition.isEmpty() && untilRepetition().isZero()) {
            repeatedAtNanos = nanoClock.getAsLong();
            for (Kind<?> kind : List.of(blobs, manifests, tags)) {
                kind.addRepetitionTo(repetition);
            }
        }
        Repetition<?> next = repetition.peek();
        if (next == null) {
            return false;
        }
        next.send();
        repetition.remove(); // not before: if it fails it is to be tried again
        return true;
    }

    /** Keys of one sort, with their place in the order. */
    private final class Kind<T> {
        private final Announcements<T> announcements;
        private final Function<T, Key> toKey;

        private Kind(Announcements<T> announcements, Function<T, Key> toKey) {
            this.announcements = announcements;
            this.toKey = toKey;
        }

        private List<Key> keys(Collection<T> things) {
            return things.stream().map(toKey).toList();
        }

        /** Returns whether there was anything to do. */
        private boolean withdrawNext() throws RoutingException, InterruptedException {
            List<T> batch = locked(() -> announcements.nextToWithdraw(config.maxBatchKeys()));
            if (batch.isEmpty()) {
                return false;
            }
            boolean done = false;
            try {
                router.withdraw(keys(batch));
                done = true;
            } finally {
                settle(done, batch, () -> announcements.withdrawn(batch));
            }
            return true;
        }

        /** Returns whether there was anything to do. */
        private boolean advertiseNext() throws RoutingException, InterruptedException {
            List<T> batch = locked(() -> announcements.nextToAdvertise(config.maxBatchKeys()));
            if (batch.isEmpty()) {
                return false;
            }
            boolean done = false;
            try {
                router.advertise(keys(batch));
                done = true;
            } finally {
                settle(done, batch, () -> announcements.advertised(batch));
            }
            return true;
        }

        private void settle(boolean done, List<T> batch, Runnable change) {
            lock.lock();
            try {
                if (done) {
                    change.run();
                } else {
                    announcements.failed(batch);
                }
            } finally {
                lock.unlock();
            }
        }

        private void unwantAll() {
            lock.lock();
            try {
                announcements.mayBeKnown().forEach(announcements::unwant);
            } finally {
                lock.unlock();
            }
        }

        private void addRepetitionTo(Deque<Repetition<?>> batches) {
            List<T> all = locked(() -> List.copyOf(announcements.told()));
            for (int from = 0; from < all.size(); from += config.maxBatchKeys()) {
                batches.add(new Repetition<>(
                        this, all.subList(from, Math.min(all.size(), from + config.maxBatchKeys()))));
            }
        }

        private List<T> locked(Supplier<List<T>> read) {
            lock.lock();
            try {
                return read.get();
            } finally {
                lock.unlock();
            }
        }
    }

    /** A batch to repeat. */
    private final class Repetition<T> {
        private final Kind<T> kind;
        private final List<T> batch;

        private Repetition(Kind<T> kind, List<T> batch) {
            this.kind = kind;
            this.batch = batch;
        }

        private void send() throws RoutingException, InterruptedException {
            // Some may have been withdrawn since the repetition began.
            List<T> still = kind.locked(() ->
                    batch.stream().filter(kind.announcements.told()::contains).toList());
            if (!still.isEmpty()) {
                router.advertise(kind.keys(still));
            }
        }
    }
}
