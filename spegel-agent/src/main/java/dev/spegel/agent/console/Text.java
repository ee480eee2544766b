package dev.spegel.agent.console;

import java.time.Duration;
import java.util.Locale;

/** How commands write numbers. */
public final class Text {
    private Text() {}

    /** {@code 12.5 MiB}. */
    public static String size(long bytes) {
        if (bytes < 1L << 10) {
            return bytes + " B";
        }
        if (bytes < 1L << 20) {
            return oneDecimal(bytes, 1L << 10) + " KiB";
        }
        return bytes < 1L << 30 ? oneDecimal(bytes, 1L << 20) + " MiB" : oneDecimal(bytes, 1L << 30) + " GiB";
    }

    /** {@code 12 ms}, or {@code 12.5 s} from ten seconds on. */
    public static String time(Duration elapsed) {
        return elapsed.toMillis() < 10_000
                ? elapsed.toMillis() + " ms"
                : String.format(Locale.ROOT, "%.1f s", elapsed.toMillis() / 1000.0);
    }

    /** In MiB/s; a dash for what is too small to say. */
    public static String speed(long bytes, Duration elapsed) {
        if (bytes < 1L << 20 || elapsed.isZero()) {
            return "-";
        }
        return String.format(Locale.ROOT, "%.0f", bytes / (double) (1L << 20) / (elapsed.toNanos() / 1e9));
    }

    private static String oneDecimal(long bytes, long unit) {
        return String.format(Locale.ROOT, "%.1f", bytes / (double) unit);
    }
}
