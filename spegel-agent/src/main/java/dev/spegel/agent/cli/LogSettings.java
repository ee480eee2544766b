package dev.spegel.agent.cli;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.logs.LogBackend;
import dev.spegel.agent.logs.LogFormat;
import dev.spegel.agent.logs.LogLevel;
import dev.spegel.oci.Quoted;
import java.io.OutputStream;
import java.util.List;

/** How much is logged, and in which form. */
record LogSettings(LogLevel level, LogFormat format) {
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

    static LogSettings read(Settings settings) {
        return new LogSettings(
                settings.value(LOG_LEVEL, LogLevel::parse), settings.value(LOG_FORMAT, LogSettings::format));
    }

    /** The same for a command whose output is for people: little, and as text, unless the operator says otherwise. */
    static LogSettings readForPeople(Settings settings) {
        LogSettings said = read(settings);
        return new LogSettings(
                settings.isSet(LOG_LEVEL) ? said.level() : LogLevel.WARN,
                settings.isSet(LOG_FORMAT) ? said.format() : LogFormat.TEXT);
    }

    /** From now on this process logs as they say. */
    void writeTo(OutputStream out) {
        LogBackend.writeTo(out, level, format);
    }

    private static LogFormat format(String text) {
        return switch (text) {
            case "json" -> LogFormat.JSON;
            case "text" -> LogFormat.TEXT;
            default -> throw new IllegalArgumentException("a log format is json or text, got " + Quoted.of(text));
        };
    }
}
