package dev.spegel.routing;

import dev.spegel.oci.Digest;
import dev.spegel.oci.Quoted;
import dev.spegel.oci.TagReference;

/** What nodes look content up by: the text of a digest, or {@code registry/repository:tag}. */
public record Key(String text) {
    /** More than the longest registry, repository and tag together. */
    private static final int MAX_CHARS = 1024;

    public Key {
        if (text.isEmpty() || text.length() > MAX_CHARS) {
            throw new IllegalArgumentException(
                    "a key has 1 to %d characters, got %s".formatted(MAX_CHARS, Quoted.of(text)));
        }
    }

    /** The key of content. */
    public static Key of(Digest digest) {
        return new Key(digest.toString());
    }

    /** The key of a tag: who has it can say what it names. */
    public static Key of(TagReference tag) {
        return new Key(tag.toString());
    }

    @Override
    public String toString() {
        return text;
    }
}
