package dev.spegel.agent;

import static java.util.Objects.requireNonNull;

import dev.spegel.containerd.ContainerdStatus;
import dev.spegel.registry.Health;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What {@code /readyz} says of containerd. A node that has never heard from it isn't ready: it doesn't know what it has. One that has
 * lost it is: it serves what lies on disk, and mirrors the rest.
 */
final class ContainerdHealth implements Health {
    private final Path socket;
    private final Supplier<ContainerdStatus> status;

    ContainerdHealth(Path socket, Supplier<ContainerdStatus> status) {
        this.socket = requireNonNull(socket, "socket");
        this.status = requireNonNull(status, "status");
    }

    @Override
    public Optional<String> notReadyBecause() {
        return status.get().ready()
                ? Optional.empty()
                : Optional.of("containerd hasn't answered yet at %s; trying again until it does".formatted(socket));
    }

    @Override
    public List<String> remarks() {
        ContainerdStatus now = status.get();
        List<String> remarks = new ArrayList<>();
        remarks.add("containerd: %s, %s"
                .formatted(
                        now.version().map(version -> "version " + version).orElse("version unknown"),
                        now.connected() ? "connected" : "not connected"));
        now.problems().forEach(problem -> remarks.add("containerd: " + problem));
        if (now.ready()) {
            remarks.add("containerd: %d images, %d contents, read from %s"
                    .formatted(
                            now.images(),
                            now.content(),
                            now.readsFiles().map(Path::toString).orElse("its socket")));
        }
        if (now.skippedNames() > 0) {
            remarks.add("containerd: %d images have names that are no references; they are shared by digest only"
                    .formatted(now.skippedNames()));
        }
        if (now.damaged() > 0) {
            remarks.add("containerd: %d contents aren't served, as their files have the wrong size"
                    .formatted(now.damaged()));
        }
        return remarks;
    }
}
