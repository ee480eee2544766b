package dev.spegel.agent.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.spegel.agent.console.Style;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

/**
 * All that a command sees of the process it runs in, so that a test can put it anywhere.
 *
 * @param environment the environment variables
 * @param out for results, in UTF-8
 * @param err for errors and logs, in UTF-8
 * @param onTerminal whether {@code out} is a terminal, which may show progress in place
 * @param basicAuthDirectory where the files {@code username} and {@code password} are, if there are any
 * @param stop comes when the process should end
 */
record Surroundings(
        Map<String, String> environment,
        PrintStream out,
        PrintStream err,
        boolean onTerminal,
        Path basicAuthDirectory,
        StopSignal stop) {
    /** Where the Go implementation and its Helm chart expect the secret. */
    private static final Path BASIC_AUTH_DIRECTORY = Path.of("/etc/secrets/basic-auth");

    Surroundings {
        environment = Map.copyOf(environment);
        requireNonNull(out, "out");
        requireNonNull(err, "err");
        requireNonNull(basicAuthDirectory, "basicAuthDirectory");
        requireNonNull(stop, "stop");
    }

    /** Those of this process. */
    static Surroundings ofProcess(StopSignal stop) {
        return new Surroundings(
                System.getenv(),
                utf8(FileDescriptor.out),
                utf8(FileDescriptor.err),
                hasTerminal(),
                BASIC_AUTH_DIRECTORY,
                stop);
    }

    /**
     * Colours on a terminal that has them, unless {@code NO_COLOR} is set to anything but the empty text: https://no-color.org.
     */
    Style style() {
        boolean coloured = onTerminal
                && environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !environment.getOrDefault("TERM", "").equals("dumb");
        return new Style(coloured);
    }

    /** Whatever the locale says, so that logs and JSON are what they claim to be. */
    private static PrintStream utf8(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, UTF_8);
    }

    @SuppressWarnings("SystemConsoleNull") // null before JDK 22 only; later there is a console without a terminal too
    private static boolean hasTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("ask the console whether it is a terminal", e);
        }
    }
}
