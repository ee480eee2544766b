package dev.spegel.interop;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Runs a program to its end. */
final class Command {
    private Command() {}

    /** @throws IOException if it can't be started or fails, with what it wrote */
    static void run(String... command) throws IOException, InterruptedException {
        run(Path.of("."), List.of(command));
    }

    static void run(Path directory, List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        if (status != 0) {
            throw new IOException("%s in %s ended with status %d: %s"
                    .formatted(String.join(" ", command), directory, status, output.strip()));
        }
    }
}
