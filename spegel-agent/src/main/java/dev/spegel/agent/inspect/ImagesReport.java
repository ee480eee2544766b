package dev.spegel.agent.inspect;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.TagsReport.HeldBack;
import dev.spegel.oci.Descriptor;
import java.util.List;
import java.util.Optional;

/**
 * One page of the images in a node's store, in the order of their names.
 *
 * @param total how many images the store has, of all pages
 * @param images those of this page
 * @param next the name after which the next page begins; empty if this is the last
 */
public record ImagesReport(int total, List<ImageEntry> images, Optional<String> next) {
    public ImagesReport {
        images = List.copyOf(images);
        requireNonNull(next, "next");
    }

    /**
     * One image.
     *
     * @param name in full: {@code docker.io/library/app:1.0}
     * @param target the manifest or index that it stands for
     * @param platforms those that an index names, as {@code linux/arm64}, or the one that a config tells; empty if nothing tells
     * @param sizeBytes of all its content that is here
     * @param pieces how many pieces of content it has, as far as the documents that are here tell: manifests, configs and layers
     * @param served how many of them are here, and so served to whoever asks
     * @param announced how many of them the network was told of
     * @param advertised whether the network was told of the name, or, of a name without a tag, of its target
     * @param heldBack why it isn't, if it has a tag and that is known
     * @param contents the pieces themselves, if they were asked for; at most {@link ImageSurvey#MAX_PIECES}
     */
    public record ImageEntry(
            String name,
            Descriptor target,
            List<String> platforms,
            long sizeBytes,
            int pieces,
            int served,
            int announced,
            boolean advertised,
            Optional<HeldBack> heldBack,
            List<Piece> contents) {
        public ImageEntry {
            requireNonNull(name, "name");
            requireNonNull(target, "target");
            platforms = List.copyOf(platforms);
            requireNonNull(heldBack, "heldBack");
            contents = List.copyOf(contents);
        }
    }

    /**
     * A piece of content.
     *
     * @param role what it is in the image: {@code index}, {@code manifest}, {@code config} or {@code layer}
     * @param served whether it is here
     * @param announced whether the network was told of it
     */
    public record Piece(String role, Descriptor descriptor, boolean served, boolean announced) {
        public Piece {
            requireNonNull(role, "role");
            requireNonNull(descriptor, "descriptor");
        }
    }
}
