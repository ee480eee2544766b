package dev.spegel.agent.logs;

import ch.qos.logback.classic.Level;
import dev.spegel.oci.Quoted;
import java.util.Arrays;
import java.util.Locale;

/** How much is logged: what has this level or a later one. */
public enum LogLevel {
    /** A line for each request, and for what comes of each peer that is asked. */
    DEBUG,
    /** Starting, stopping, and what seldom changes. */
    INFO,
    /** Somebody should do something about it. */
    WARN,
    /** Something doesn't work. */
    ERROR;

    /**
     * Reads a name in any case.
     *
     * @throws IllegalArgumentException with a sentence for whoever has written it
     */
    public static LogLevel parse(String text) {
        return Arrays.stream(values())
                .filter(level -> level.name().equals(text.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "a log level is DEBUG, INFO, WARN or ERROR, got " + Quoted.of(text)));
    }

    Level toLogback() {
        return Level.valueOf(name());
    }
}
