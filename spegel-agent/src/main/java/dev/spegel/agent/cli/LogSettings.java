package dev.spegel.agent.cli;

import static java.util.Objects.requireNonNull;

import ch.qos.logback.classic.Level;
import dev.spegel.oci.Quoted;
import java.util.List;
import java.util.Locale;

/** How much is logged, and in which form. */
record LogSettings(Level level, Format format) {
    static final Flag LOG_LEVEL =
            Flag.one("--log-level", "LEVEL", "DEBUG, INFO, WARN or ERROR.").withDefault("INFO");
    static final Flag LOG_FORMAT = Flag.one(
                    "--log-format",
                    "FORMAT",
                    "json, one object a line, or text, for people. Logs go to standard error.")
            .withDefault("json");

    static final List<Flag> FLAGS = List.of(LOG_LEVEL, LOG_FORMAT);

    LogSettings {
        requireNonNull(level, "level");
        requireNonNull(format, "format");
    }

    enum Format {
        JSON,
        TEXT
    }

    static LogSettings read(Settings settings) {
        return new LogSettings(
                settings.value(LOG_LEVEL, LogSettings::level), settings.value(LOG_FORMAT, LogSettings::format));
    }

    /** The same for a command whose output is for people: little, and as text, unless the operator says otherwise. */
    static LogSettings readForPeople(Settings settings) {
        LogSettings said = read(settings);
        return new LogSettings(
                settings.isSet(LOG_LEVEL) ? said.level() : Level.WARN,
                settings.isSet(LOG_FORMAT) ? said.format() : Format.TEXT);
    }

    private static Level level(String text) {
        return switch (text.toUpperCase(Locale.ROOT)) {
            case "DEBUG" -> Level.DEBUG;
            case "INFO" -> Level.INFO;
            case "WARN" -> Level.WARN;
            case "ERROR" -> Level.ERROR;
            default ->
                throw new IllegalArgumentException("a log level is DEBUG, INFO, WARN or ERROR, got " + Quoted.of(text));
        };
    }

    private static Format format(String text) {
        return switch (text) {
            case "json" -> Format.JSON;
            case "text" -> Format.TEXT;
            default -> throw new IllegalArgumentException("a log format is json or text, got " + Quoted.of(text));
        };
    }
}
