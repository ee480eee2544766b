package dev.spegel.agent.demo;

import dev.spegel.agent.pull.DirectoryTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A temporary directory that is deleted, with all that is in it, when this is closed. */
final class Workspace implements AutoCloseable {
    private final Path directory;

    private Workspace(Path directory) {
        this.directory = directory;
    }

    static Workspace create() throws IOException {
        return new Workspace(Files.createTempDirectory("spegel-demo-"));
    }

    Path directory() {
        return directory;
    }

    /** Closing twice is harmless. */
    @Override
    public void close() throws IOException {
        DirectoryTree.delete(directory);
    }
}
