package dev.spegel.agent.pull;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Reference;
import java.time.Duration;
import java.util.List;

/**
 * What a pull did.
 *
 * @param target the manifest or index that the name stands for
 * @param contents what was got, in the order in which an image names it; without what was there already
 */
public record PullReport(Reference image, Descriptor target, List<PulledContent> contents, Duration elapsed) {
    public PullReport {
        requireNonNull(image, "image");
        requireNonNull(target, "target");
        contents = List.copyOf(contents);
        requireNonNull(elapsed, "elapsed");
    }

    /** The bytes that were got. */
    public long sizeBytes() {
        return contents.stream()
                .mapToLong(content -> content.descriptor().sizeBytes())
                .sum();
    }
}
