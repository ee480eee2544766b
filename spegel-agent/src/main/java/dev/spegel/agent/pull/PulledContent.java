package dev.spegel.agent.pull;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Descriptor;
import java.time.Duration;
import java.util.List;

/**
 * One piece of content that a pull got.
 *
 * @param role what it is in the image: {@code index}, {@code manifest}, {@code config} or {@code layer 1}
 * @param servedBy who the bytes came from, by what the mirror says of each answer: {@code local} for itself, or the address of a
 *     peer; several if the transfer was taken up again; empty if the mirror doesn't say
 * @param firstByte from the request to the first byte, or to the headers of what has no bytes
 * @param elapsed from the request to the last byte
 */
public record PulledContent(
        String role, Descriptor descriptor, List<String> servedBy, Duration firstByte, Duration elapsed) {
    public PulledContent {
        requireNonNull(role, "role");
        requireNonNull(descriptor, "descriptor");
        servedBy = List.copyOf(servedBy);
        requireNonNull(firstByte, "firstByte");
        requireNonNull(elapsed, "elapsed");
    }
}
