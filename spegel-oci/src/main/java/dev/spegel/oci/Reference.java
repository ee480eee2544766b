package dev.spegel.oci;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of an image: {@code registry/repository}, then {@code :tag}, {@code @digest} or both.
 *
 * <p>Where both are there, the digest decides and the tag is a remark.
 */
public record Reference(String registry, String repository, Optional<String> tag, Optional<Digest> digest) {
    private static final String DOCKER_HUB = "docker.io";
    private static final String DOCKER_HUB_INDEX = "index.docker.io";
    private static final Pattern IMAGE_ID = Pattern.compile("[0-9a-f]{64}");

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

    /**
     * Reads a reference in full: {@code registry/repository}, then a tag, a digest or both. Nothing is added or changed.
     *
     * <p>What stands before the first slash is a registry only if it has a dot or a colon, or is {@code localhost}, as in
     * distribution's reference grammar.
     *
     * @throws OciSyntaxException if a part is missing or breaks its grammar
     */
    public static Reference parse(String text) {
        Parts parts = Parts.split(text);
        int slash = parts.name().indexOf('/');
        if (slash < 0 || !ReferenceGrammar.looksLikeRegistry(parts.name().substring(0, slash))) {
            throw new OciSyntaxException(
                    ErrorCode.NAME_INVALID,
                    "a reference starts with a registry, which has a '.' or ':' or is localhost, got "
                            + Quoted.of(text));
        }
        return new Reference(
                parts.name().substring(0, slash), parts.name().substring(slash + 1), parts.tag(), parts.digest());
    }

    /**
     * Reads a reference as people type it for Docker: without a registry it is {@code docker.io} ({@code index.docker.io} is the
     * same one), there a name of one component is below {@code library/}, and without tag and digest the tag is {@code latest}.
     *
     * @throws OciSyntaxException if a part breaks its grammar, or the name is 64 hex digits, which Docker takes for the ID of an
     *     image
     */
    public static Reference parseLenient(String text) {
        Parts parts = Parts.split(text);
        if (IMAGE_ID.matcher(parts.name()).matches()) {
            throw new OciSyntaxException(
                    ErrorCode.NAME_INVALID, "a reference is a name, not the ID of an image, got " + Quoted.of(text));
        }
        int slash = parts.name().indexOf('/');
        String first = parts.name().substring(0, Math.max(0, slash));
        String registry = DOCKER_HUB;
        String repository = parts.name();
        // No repository has upper-case letters, so a first component that has them can only be a host.
        if (ReferenceGrammar.looksLikeRegistry(first) || !first.equals(first.toLowerCase(Locale.ROOT))) {
            registry = first.equals(DOCKER_HUB_INDEX) ? DOCKER_HUB : first;
            repository = parts.name().substring(slash + 1);
        }
        if (registry.equals(DOCKER_HUB) && repository.indexOf('/') < 0) {
            repository = "library/" + repository;
        }
        Optional<String> tag = parts.tag().isEmpty() && parts.digest().isEmpty() ? Optional.of("latest") : parts.tag();
        return new Reference(registry, repository, tag, parts.digest());
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

    /** The three parts, told apart by their separators; only the digest is checked. */
    private record Parts(String name, Optional<String> tag, Optional<Digest> digest) {
        private static Parts split(String text) {
            int at = text.indexOf('@');
            String named = at < 0 ? text : text.substring(0, at);
            Optional<Digest> digest = at < 0 ? Optional.empty() : Optional.of(Digest.parse(text.substring(at + 1)));
            int colon = named.lastIndexOf(':');
            if (colon < 0 || named.indexOf('/', colon) >= 0) { // the colon before a port
                return new Parts(named, Optional.empty(), digest);
            }
            return new Parts(named.substring(0, colon), Optional.of(named.substring(colon + 1)), digest);
        }
    }
}
