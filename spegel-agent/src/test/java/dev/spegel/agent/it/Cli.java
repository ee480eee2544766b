package dev.spegel.agent.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs {@code bin/spegel} as a user does.
 *
 * @param directory for what it prints
 * @param before words that come before it, as {@code setpriv …}
 */
record Cli(Path directory, List<String> before) {
    /** A Java process on a machine that does other things too; it takes a second or two otherwise. */
    private static final Duration LIMIT = Duration.ofSeconds(60);

    static final Path LAUNCHER = Path.of("..", "bin", "spegel");

    Cli(Path directory) {
        this(directory, List.of());
    }

    /** What a command said, and how it ended. */
    record Ended(int exitCode, String out, String err) {
        /** What it printed, as JSON. */
        JsonNode json() throws IOException {
            return new ObjectMapper().readTree(out);
        }
    }

    /** Runs it to its end. */
    Ended run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(before);
        command.add(LAUNCHER.toRealPath().toString());
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile(directory, "out", "");
        Path err = Files.createTempFile(directory, "err", "");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        try {
            assertThat(process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS))
                    .as(
                            "%s ends within %s; it says: %s%s",
                            command, LIMIT, Files.readString(out), Files.readString(err))
                    .isTrue();
            return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            process.destroyForcibly();
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** Runs what must succeed without a word on standard error. */
    Ended succeed(String... arguments) throws IOException, InterruptedException {
        Ended ended = run(arguments);
        assertThat(ended.exitCode()).as("%s%s", ended.out(), ended.err()).isZero();
        assertThat(ended.err()).isEmpty();
        return ended;
    }
}
