package dev.spegel.agent.web;

import java.time.Duration;
import java.util.Locale;

/** Numbers for people. */
final class Amounts {
    private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private Amounts() {}

    /** As in {@code 12.3 MiB}. */
    static String bytes(long count) {
        if (count < 1024) {
            return count + " B";
        }
        double value = count;
        int unit = -1;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, value < 100 ? "%.1f %s" : "%.0f %s", value, UNITS[unit]);
    }

    /** As in {@code 12.3 MiB/s}. */
    static String rate(double bytesPerSecond) {
        return bytes(Math.round(bytesPerSecond)) + "/s";
    }

    /** As in {@code 1.2 ms}, {@code 45 s}, {@code 3 min}, {@code 5 h 20 min}, {@code 3 d 4 h}. */
    static String time(Duration time) {
        double millis = time.toNanos() / 1e6;
        if (millis < 1000) {
            return String.format(Locale.ROOT, millis < 10 ? "%.1f ms" : "%.0f ms", millis);
        }
        long seconds = time.toSeconds();
        if (seconds < 10) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1000);
        }
        if (seconds < 60) {
            return seconds + " s";
        }
        long minutes = time.toMinutes();
        if (minutes < 60) {
            return minutes + " min";
        }
        long hours = time.toHours();
        return hours < 48
                ? "%d h %d min".formatted(hours, minutes % 60)
                : "%d d %d h".formatted(time.toDays(), hours % 24);
    }

    /** As in {@code 3 peers}. */
    static String count(long count, String one, String several) {
        return count + " " + (count == 1 ? one : several);
    }
}
