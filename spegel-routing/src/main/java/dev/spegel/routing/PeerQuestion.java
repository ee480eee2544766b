package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Digest;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.TagReference;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * What to ask a peer's registry by HEAD: the targets to try one after the other until one isn't answered with 404.
 *
 * @param digest of the content asked for, where the key says it
 */
record PeerQuestion(List<String> targets, Optional<Digest> digest) {
    /** Whether the registry is there at all: distribution-spec v1.1.1, end-1. */
    static final PeerQuestion ANYBODY_THERE = new PeerQuestion(List.of("/v2/"), Optional.empty());

    /** Registries look content up by digest in all repositories alike; the grammar wants a name all the same. */
    private static final String ANY_REPOSITORY = "spegel/lookup";

    PeerQuestion {
        targets = List.copyOf(targets);
        requireNonNull(digest, "digest");
    }

    /** Empty if the key is neither a digest nor {@code registry/repository:tag}: then nobody can have it. */
    static Optional<PeerQuestion> about(Key key) {
        try {
            int slash = key.text().indexOf('/');
            if (slash < 0) {
                Digest digest = Digest.parse(key.text());
                // A key doesn't say what it names. Most names of content are layers, so blobs come first.
                return Optional.of(new PeerQuestion(
                        List.of(
                                "/v2/%s/blobs/%s".formatted(ANY_REPOSITORY, digest),
                                "/v2/%s/manifests/%s".formatted(ANY_REPOSITORY, digest)),
                        Optional.of(digest)));
            }
            int colon = key.text().lastIndexOf(':');
            if (colon < slash) {
                return Optional.empty();
            }
            TagReference tag = new TagReference(
                    key.text().substring(0, slash),
                    key.text().substring(slash + 1, colon),
                    key.text().substring(colon + 1));
            return Optional.of(new PeerQuestion(
                    List.of("/v2/%s/manifests/%s?ns=%s"
                            .formatted(
                                    tag.repository(),
                                    tag.tag(),
                                    URLEncoder.encode(tag.registry(), StandardCharsets.UTF_8))),
                    Optional.empty()));
        } catch (OciSyntaxException e) {
            return Optional.empty();
        }
    }
}
