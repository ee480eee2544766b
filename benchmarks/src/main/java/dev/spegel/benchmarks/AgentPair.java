package dev.spegel.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** An agent that holds content, and one that mirrors from it; or neither. */
record AgentPair(List<MeasuredProcess> both) implements AutoCloseable {
    static final AgentPair NONE = new AgentPair(List.of());

    /** @param name of the one that mirrors */
    static AgentPair start(String name, Path launcher, Path directory, Path layout)
            throws IOException, InterruptedException {
        return start(name, new AgentStarter(launcher, directory), directory, layout);
    }

    /** @param name of the one that mirrors */
    static AgentPair start(String name, AgentStarter starter, Path directory, Path layout)
            throws IOException, InterruptedException {
        Path empty = Files.createTempDirectory(directory, "empty-").resolve("layout");
        BlobLayout.writeEmpty(empty);
        MeasuredProcess holder = starter.start(name + ", holder", layout, List.of());
        try {
            return new AgentPair(List.of(holder, starter.start(name, empty, List.of(holder.address()))));
        } catch (IOException | InterruptedException e) {
            holder.close();
            throw e;
        }
    }

    /** The one that mirrors. */
    Optional<MeasuredProcess> mirror() {
        return both.isEmpty() ? Optional.empty() : Optional.of(both.get(1));
    }

    @Override
    public void close() {
        both.forEach(MeasuredProcess::close);
    }
}
