package dev.spegel.oci;

/**
 * A tag in full: {@code registry/repository:tag}.
 *
 * <p>The registry is a host name or address with an optional port; the repository and the tag follow distribution-spec v1.1.1,
 * section "Pulling manifests".
 */
public record TagReference(String registry, String repository, String tag) implements Comparable<TagReference> {
    /** @throws OciSyntaxException if a part breaks its grammar */
    public TagReference {
        ReferenceGrammar.requireRegistry(registry);
        ReferenceGrammar.requireRepository(repository);
        ReferenceGrammar.requireTag(tag);
    }

    /** By the text of {@link #toString()}. */
    @Override
    public int compareTo(TagReference other) {
        return toString().compareTo(other.toString());
    }

    /** Returns {@code registry/repository:tag}. */
    @Override
    public String toString() {
        return registry + "/" + repository + ":" + tag;
    }
}
