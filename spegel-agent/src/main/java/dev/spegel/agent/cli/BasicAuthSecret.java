package dev.spegel.agent.cli;

import dev.spegel.routing.BasicCredentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The credentials that nodes and their containerd show to registries, from a directory that a Kubernetes secret is mounted as. */
final class BasicAuthSecret {
    private BasicAuthSecret() {}

    /**
     * Reads the files {@code username} and {@code password}; empty if there are none. What is wrong with them is noted with the settings.
     */
    static Optional<BasicCredentials> read(Settings settings, Path directory) {
        Optional<String> username = text(settings, directory.resolve("username"));
        Optional<String> password = text(settings, directory.resolve("password"));
        if (username.isPresent() != password.isPresent()) {
            settings.problem(directory + ": basic authentication needs both files, username and password");
        }
        if (username.isEmpty() || password.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new BasicCredentials(username.get(), password.get()));
        } catch (IllegalArgumentException e) {
            settings.problem(directory + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    /** The text of a file without the line break that editors add; empty if there is no such file. */
    private static Optional<String> text(Settings settings, Path file) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Files.readString(file).stripTrailing());
        } catch (IOException e) {
            settings.problem(file + ": can't be read as text: " + e.getMessage());
            return Optional.empty();
        }
    }
}
