package dev.spegel.testkit;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.ContentStore;
import dev.spegel.oci.store.MemoryStore;
import dev.spegel.oci.store.StoreEvent;
import dev.spegel.oci.store.StoreException;
import dev.spegel.oci.store.StoreSnapshot;
import dev.spegel.oci.store.StoreWatch;
import dev.spegel.oci.store.StoredImage;
import java.nio.channels.SeekableByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A store in memory that loses its source, or can't read some content, when a test says so. */
final class UnsteadyStore implements ContentStore {
    final MemoryStore memory = new MemoryStore();
    final Set<Digest> unreadable = ConcurrentHashMap.newKeySet();
    final Set<Digest> damaged = ConcurrentHashMap.newKeySet();
    final AtomicInteger reads = new AtomicInteger();
    private final List<StoreWatch> watches = new ArrayList<>();
    private boolean down;
    private boolean flapping;
    private CountDownLatch refusals = new CountDownLatch(0);

    /** Ends all watches, and refuses new ones until {@link #recover}. */
    synchronized void fail() {
        down = true;
        refusals = new CountDownLatch(2);
        watches.forEach(StoreWatch::close);
        watches.clear();
    }

    /** Waits until a watch was refused twice since {@link #fail}, or began eight times since {@link #flap}. */
    void awaitRefusals() throws InterruptedException {
        CountDownLatch latch;
        synchronized (this) {
            latch = refusals;
        }
        latch.await();
    }

    synchronized void recover() {
        down = false;
    }

    @Override
    public synchronized StoreWatch watch() throws StoreException {
        if (down) {
            refusals.countDown();
            throw new StoreException("no connection");
        }
        StoreWatch watch = memory.watch();
        watches.add(watch);
        if (flapping) {
            refusals.countDown();
            return new ShortWatch(watch);
        }
        return watch;
    }

    /** Watches begin from now on as if all were well, and end after their first answer. */
    synchronized void flap() {
        flapping = true;
        refusals = new CountDownLatch(8);
    }

    private record ShortWatch(StoreWatch watch, AtomicInteger answers) implements StoreWatch {
        ShortWatch(StoreWatch watch) {
            this(watch, new AtomicInteger());
        }

        @Override
        public StoreSnapshot snapshot() {
            return watch.snapshot();
        }

        @Override
        public Optional<StoreEvent> next(Duration limit) throws StoreException, InterruptedException {
            if (answers.incrementAndGet() > 1) {
                throw new StoreException("connection lost");
            }
            return watch.next(Duration.ZERO);
        }

        @Override
        public void close() {
            watch.close();
        }
    }

    @Override
    public Optional<SeekableByteChannel> open(Digest digest) throws StoreException {
        reads.incrementAndGet();
        if (unreadable.contains(digest)) {
            throw new StoreException("input/output error");
        }
        if (damaged.contains(digest)) {
            byte[] zeros = new byte
                    [Math.toIntExact(memory.describe(digest).orElseThrow().sizeBytes())];
            MemoryStore wrong = MemoryStore.of(zeros);
            return wrong.open(Digest.ofSha256(zeros));
        }
        return memory.open(digest);
    }

    @Override
    public Optional<Descriptor> describe(Digest digest) throws StoreException {
        return memory.describe(digest);
    }

    @Override
    public Optional<Digest> resolve(TagReference tag) throws StoreException {
        return memory.resolve(tag);
    }

    @Override
    public List<StoredImage> images() throws StoreException {
        return memory.images();
    }

    @Override
    public void close() {
        memory.close();
    }
}
