package dev.spegel.agent.cli;

import dev.spegel.agent.BasicAuthFiles;
import dev.spegel.routing.BasicCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The credentials that nodes and their containerd show to registries, from a directory that a Kubernetes secret is mounted as. */
final class BasicAuthSecret {
    private BasicAuthSecret() {}

    /**
     * Reads the files {@code username} and {@code password}; empty if there are none. What is wrong with them is noted with the settings.
     */
    static Optional<BasicCredentials> read(Settings settings, Path directory) {
        try {
            return new BasicAuthFiles(directory).read();
        } catch (IOException e) {
            settings.problem(String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }
}
