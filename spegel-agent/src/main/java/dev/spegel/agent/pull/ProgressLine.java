package dev.spegel.agent.pull;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.console.Text;
import dev.spegel.oci.Descriptor;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** One line of a terminal that shows how far a pull is, written over itself and gone at the end. Safe for use by many threads. */
public final class ProgressLine implements PullProgress, AutoCloseable {
    /** Often enough to look alive. */
    private static final long INTERVAL_NANOS = Duration.ofMillis(100).toNanos();

    private static final int BAR_CHARS = 30;

    /** ECMA-48, section 8.3.41: from the cursor to the end of the line. */
    private static final String ERASE_LINE = "\r\u001b[K";

    private final PrintStream terminal;
    private final LongSupplier nanoClock;
    private final long startNanos;
    private final AtomicLong total = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong lastShownNanos;

    /** @param nanoClock like {@link System#nanoTime} */
    public ProgressLine(PrintStream terminal, LongSupplier nanoClock) {
        this.terminal = requireNonNull(terminal, "terminal");
        this.nanoClock = requireNonNull(nanoClock, "nanoClock");
        this.startNanos = nanoClock.getAsLong();
        this.lastShownNanos = new AtomicLong(startNanos);
    }

    @Override
    public void found(Descriptor descriptor) {
        total.addAndGet(descriptor.sizeBytes());
    }

    @Override
    public void received(long bytes) {
        long sum = received.addAndGet(bytes);
        long now = nanoClock.getAsLong();
        long last = lastShownNanos.get();
        if (now - last >= INTERVAL_NANOS && lastShownNanos.compareAndSet(last, now)) {
            show(sum, Math.max(sum, total.get()), Duration.ofNanos(now - startNanos));
        }
    }

    private void show(long sum, long of, Duration elapsed) {
        int filled = (int) (BAR_CHARS * sum / Math.max(1, of));
        terminal.printf(
                Locale.ROOT,
                "\r  [%s%s] %s of %s, %s MiB/s\u001b[K",
                "#".repeat(filled),
                ".".repeat(BAR_CHARS - filled),
                Text.size(sum),
                Text.size(of),
                Text.speed(sum, elapsed));
        terminal.flush();
    }

    @Override
    public void close() {
        terminal.print(ERASE_LINE);
        terminal.flush();
    }
}
