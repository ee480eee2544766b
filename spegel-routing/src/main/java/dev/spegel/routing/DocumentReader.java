package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Digest;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what tags lead to, and tries again later what can't be read. For one thread; takes the lock when it touches the content it
 * was given it with, and not while it reads.
 */
final class DocumentReader {
    private static final Logger log = LoggerFactory.getLogger(DocumentReader.class);

    private final Advertisable content;
    private final ReentrantLock lock;
    private final ImageNeedsReader reader;
    private final Outage outage;
    private final BooleanSupplier closed;
    /** Documents that couldn't be read. */
    private final Set<Digest> failing = new HashSet<>();

    /** @param closed once true, failures are those of whoever closes things */
    DocumentReader(
            Advertisable content, ReentrantLock lock, ImageNeedsReader reader, Outage outage, BooleanSupplier closed) {
        this.content = requireNonNull(content, "content");
        this.lock = requireNonNull(lock, "lock");
        this.reader = requireNonNull(reader, "reader");
        this.outage = requireNonNull(outage, "outage");
        this.closed = requireNonNull(closed, "closed");
    }

    /** Reads all there is to read, documents that the ones just read lead to included. Those that fail wait for their retry. */
    void readAll() {
        if (outage.untilRetry().isZero()) {
            failing.clear();
        }
        boolean progress = true;
        while (progress && !closed.getAsBoolean()) {
            progress = false;
            for (Digest digest : unread()) {
                if (!failing.contains(digest)) {
                    progress |= read(digest);
                }
            }
        }
        if (failing.isEmpty()) {
            outage.over();
        }
    }

    private boolean read(Digest digest) {
        Optional<ImageNeeds> needs;
        try {
            needs = reader.read(digest);
        } catch (IOException | RuntimeException e) {
            if (!closed.getAsBoolean()) { // closing interrupts the store's I/O too
                // One that fails while others wait for their retry is tried again with them.
                if (outage.untilRetry().isZero()) {
                    outage.failed(e);
                }
                failing.add(digest);
            }
            return false;
        }
        if (needs.isEmpty()) {
            // The event that says so is on its way, or else the store will have it again.
            log.debug("{} is in the store no longer", digest);
            if (outage.untilRetry().isZero()) {
                outage.postponed();
            }
            failing.add(digest);
            return false;
        }
        lock.lock();
        try {
            content.read(digest, needs.get());
        } finally {
            lock.unlock();
        }
        return true;
    }

    private List<Digest> unread() {
        lock.lock();
        try {
            return content.unread();
        } finally {
            lock.unlock();
        }
    }

    /** What failed may work by now. */
    void retryNow() {
        outage.retryNow();
    }

    /** Whether some documents wait for their retry, after {@link #untilRetry}. */
    boolean isRetrying() {
        return outage.isOn();
    }

    Duration untilRetry() {
        return outage.untilRetry();
    }
}
