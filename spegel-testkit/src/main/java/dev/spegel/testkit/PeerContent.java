package dev.spegel.testkit;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.TagReference;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Content that a {@link FaultyPeer} serves, and how a request names it: distribution-spec v1.1.1, end-2 and end-3. */
final class PeerContent {
    private static final Pattern TARGET = Pattern.compile(
            "/v2/(?<repository>.+)/(?<kind>blobs|manifests)/(?<name>[^/?]+)(?:\\?(?:.*&)?ns=(?<registry>[^&]*).*|\\?.*)?");

    private final Digest digest;
    private final MediaType mediaType;
    private final byte[] bytes;

    PeerContent(Digest digest, MediaType mediaType, byte[] bytes) {
        this.digest = requireNonNull(digest, "digest");
        this.mediaType = requireNonNull(mediaType, "mediaType");
        this.bytes = bytes;
    }

    Digest digest() {
        return digest;
    }

    MediaType mediaType() {
        return mediaType;
    }

    /** The content itself, which nobody changes. */
    byte[] bytes() {
        return bytes;
    }

    /** Empty if the target names nothing that is there, or a manifest as a blob or the reverse. */
    static Optional<PeerContent> find(String target, Map<Digest, PeerContent> content, Map<TagReference, Digest> tags) {
        Matcher matcher = TARGET.matcher(target);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        boolean asManifest = matcher.group("kind").equals("manifests");
        try {
            @Nullable
            Digest digest = matcher.group("name").contains(":")
                    ? Digest.parse(matcher.group("name"))
                    : tags.get(tag(matcher.group("registry"), matcher.group("repository"), matcher.group("name")));
            return Optional.ofNullable(digest)
                    .map(content::get)
                    .filter(found -> found.mediaType().isManifest() == asManifest);
        } catch (OciSyntaxException e) {
            return Optional.empty(); // malformed names nothing that is there
        }
    }

    /** Without {@code ns} the registry is the first component of the path. */
    private static TagReference tag(@Nullable String registry, String repository, String tag) {
        if (registry != null) {
            return new TagReference(URLDecoder.decode(registry, StandardCharsets.UTF_8), repository, tag);
        }
        int slash = repository.indexOf('/');
        return new TagReference(repository.substring(0, Math.max(0, slash)), repository.substring(slash + 1), tag);
    }
}
