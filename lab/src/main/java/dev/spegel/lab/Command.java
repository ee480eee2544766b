package dev.spegel.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end. */
public final class Command {
    /** For what does one thing and ends; building a program or importing a gigabyte may take a while on a busy machine. */
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private Command() {}

    /**
     * Runs a program that must succeed, and returns what it printed.
     *
     * @throws IOException if it can't be started, fails or takes longer than three minutes, with what it wrote
     */
    public static String run(String... command) throws IOException, InterruptedException {
        return run(Path.of("."), List.of(command));
    }

    /** {@link #run(String...)} in a directory. */
    public static String run(Path directory, List<String> command) throws IOException, InterruptedException {
        Result result = attempt(directory, command);
        if (result.status() != 0) {
            throw new IOException("%s in %s ended with status %d: %s"
                    .formatted(
                            String.join(" ", command),
                            directory,
                            result.status(),
                            result.output().strip()));
        }
        return result.output();
    }

    /** Runs a program that may fail. */
    static Result attempt(Path directory, List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(
                "spegel-lab-", ".out"); // a pipe would be held open by what the program leaves behind
        try {
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
                throw new IOException("%s takes longer than %s: %s"
                        .formatted(
                                String.join(" ", command), LIMIT, text(output).strip()));
            }
            return new Result(process.exitValue(), text(output));
        } finally {
            Files.delete(output);
        }
    }

    private static String text(Path output) throws IOException {
        return new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
    }

    /** @param output all that it wrote, to either stream */
    record Result(int status, String output) {}
}
