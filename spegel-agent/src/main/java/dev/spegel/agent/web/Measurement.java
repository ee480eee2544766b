package dev.spegel.agent.web;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.pull.PullProgress;
import dev.spegel.agent.pull.PullReport;
import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Reference;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A pull that is measured: how far it is, and how it ended. Safe for use by many threads. */
final class Measurement implements PullProgress {
    private final Reference image;
    private final LongSupplier nanoClock;
    private final long startNanos;
    private final AtomicLong pieces = new AtomicLong();
    private final AtomicLong wantedBytes = new AtomicLong();
    private final AtomicLong receivedBytes = new AtomicLong();
    private final AtomicReference<@Nullable End> end = new AtomicReference<>();

    Measurement(Reference image, LongSupplier nanoClock) {
        this.image = requireNonNull(image, "image");
        this.nanoClock = requireNonNull(nanoClock, "nanoClock");
        startNanos = nanoClock.getAsLong();
    }

    Reference image() {
        return image;
    }

    @Override
    public void found(Descriptor descriptor) {
        pieces.incrementAndGet();
        wantedBytes.addAndGet(descriptor.sizeBytes());
    }

    @Override
    public void received(long bytes) {
        receivedBytes.addAndGet(bytes);
    }

    /** How many pieces of content are known so far. */
    long pieces() {
        return pieces.get();
    }

    /** The bytes of these. */
    long wantedBytes() {
        return wantedBytes.get();
    }

    /** The bytes that have come. */
    long receivedBytes() {
        return receivedBytes.get();
    }

    /** Since it began; for one that has ended, until then. */
    Duration elapsed() {
        return end().map(End::after).orElseGet(this::sinceStart);
    }

    private Duration sinceStart() {
        return Duration.ofNanos(nanoClock.getAsLong() - startNanos);
    }

    /** How it ended; empty while it runs. */
    Optional<End> end() {
        return Optional.ofNullable(end.get());
    }

    void succeeded(PullReport report) {
        end(new End(Optional.of(report), "", sinceStart()));
    }

    void failed(String reason) {
        end(new End(Optional.empty(), reason, sinceStart()));
    }

    /** It ends once: what is told first counts. */
    private void end(End how) {
        end.compareAndSet(null, how);
    }

    /**
     * How it ended.
     *
     * @param report what was measured, if it came to its end
     * @param failure why not, if not
     */
    record End(Optional<PullReport> report, String failure, Duration after) {}
}
