package dev.spegel.oci.store;

import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import java.util.Map;
import java.util.Set;

/** All that a store holds at one moment. */
public record StoreSnapshot(Set<Digest> content, Map<TagReference, Digest> tags) {
    /** Nothing. */
    public static final StoreSnapshot EMPTY = new StoreSnapshot(Set.of(), Map.of());

    public StoreSnapshot {
        content = Set.copyOf(content);
        tags = Map.copyOf(tags);
    }
}
