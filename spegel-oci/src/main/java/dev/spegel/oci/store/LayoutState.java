package dev.spegel.oci.store;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.Reference;
import dev.spegel.oci.TagReference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one look at a layout found.
 *
 * @param content what may be served, with the media type that the content itself shows
 * @param names the names in the last {@code index.json} that could be read
 * @param problems what isn't served, and why
 * @param unsettled whether something may still be being written, so that it pays to look again soon
 */
record LayoutState(
        Map<Digest, Descriptor> content,
        Map<Reference, Descriptor> names,
        List<LayoutProblem> problems,
        boolean unsettled) {
    static final LayoutState EMPTY = new LayoutState(Map.of(), Map.of(), List.of(), false);

    LayoutState {
        content = Map.copyOf(content);
        names = Map.copyOf(names);
        problems = List.copyOf(problems);
    }

    StoreSnapshot toSnapshot() {
        Map<TagReference, Digest> tags = new HashMap<>();
        names.forEach((name, target) -> {
            // With a digest in the name, the tag is a remark.
            if (name.digest().isEmpty()) {
                name.toTag().ifPresent(tag -> tags.put(tag, target.digest()));
            }
        });
        return new StoreSnapshot(content.keySet(), tags);
    }
}
