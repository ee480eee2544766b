package dev.spegel.containerd;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a {@link ContainerdStore} is doing.
 *
 * @param ready whether containerd has answered at least once, so that the store knows what there is
 * @param connected whether it is being followed now; if not, what is known stays, and what lies on disk is served
 * @param version containerd's own, when it was connected last
 * @param readsFiles the content directory, if content is read from there; empty if it comes over the socket
 * @param images how many images with usable names there are
 * @param content how many contents there are
 * @param skippedNames how many images have names that are no references, so that they are shared by digest only
 * @param damaged how many contents aren't served since their files don't have the size that they should have
 * @param connections how often containerd was connected to; each after the first follows a loss
 * @param events how often containerd told of what in this namespace; without what never occurred
 * @param problems what an operator should know of, in words; empty if all is well
 */
public record ContainerdStatus(
        boolean ready,
        boolean connected,
        Optional<String> version,
        Optional<Path> readsFiles,
        int images,
        int content,
        int skippedNames,
        int damaged,
        long connections,
        Map<ContainerdEvent, Long> events,
        List<String> problems) {
    public ContainerdStatus {
        requireNonNull(version, "version");
        requireNonNull(readsFiles, "readsFiles");
        events = Map.copyOf(events);
        problems = List.copyOf(problems);
    }
}
