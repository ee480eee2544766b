package dev.spegel.oci;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * The name of an image: {@code registry/repository}, then {@code :tag}, {@code @digest} or both.
 *
 * <p>Where both are there, the digest decides and the tag is a remark.
 */
public record Reference(String registry, String repository, Optional<String> tag, Optional<Digest> digest) {
    /** @throws OciSyntaxException if a part breaks its grammar, or tag and digest are both missing */
    public Reference {
        ReferenceGrammar.requireRegistry(registry);
        ReferenceGrammar.requireRepository(repository);
        tag.ifPresent(ReferenceGrammar::requireTag);
        requireNonNull(digest, "digest");
        if (tag.isEmpty() && digest.isEmpty()) {
            throw new OciSyntaxException(
                    ErrorCode.NAME_INVALID,
                    "a reference has a tag or a digest, got %s/%s".formatted(registry, repository));
        }
    }

    /** The tag in full; empty if the reference has none. */
    public Optional<TagReference> toTag() {
        return tag.map(name -> new TagReference(registry, repository, name));
    }

    /** Returns {@code registry/repository[:tag][@digest]}. */
    @Override
    public String toString() {
        return registry + "/" + repository + tag.map(t -> ":" + t).orElse("")
                + digest.map(d -> "@" + d).orElse("");
    }
}
