package dev.spegel.registry;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Digest;
import dev.spegel.oci.ErrorCode;
import dev.spegel.oci.RangeSpec;
import dev.spegel.oci.RegistryPath;
import dev.spegel.oci.TagReference;
import dev.spegel.routing.Key;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A request for content, checked.
 *
 * @param head whether only headers are asked for
 * @param range what to send of a blob; empty for all of it
 * @param id its {@link RequestId}
 */
record ContentRequest(boolean head, RegistryPath.Content path, Optional<RangeSpec> range, Asker asker, String id) {
    /** In the query of a URL to which a node sends a client, {@code true}: the header that nodes use among themselves a client can't send. */
    static final String REDIRECTED = "spegel-redirected";

    ContentRequest {
        requireNonNull(path, "path");
        requireNonNull(range, "range");
        requireNonNull(asker, "asker");
        requireNonNull(id, "id");
    }

    boolean forManifest() {
        return !(path instanceof RegistryPath.Blob);
    }

    /** What the path names; empty for a tag. */
    Optional<Digest> digest() {
        if (path instanceof RegistryPath.Blob blob) {
            return Optional.of(blob.digest());
        }
        return path instanceof RegistryPath.ManifestByDigest manifest
                ? Optional.of(manifest.digest())
                : Optional.empty();
    }

    /** The tag in full; empty for a digest, and for a tag of no known registry. */
    Optional<TagReference> tag() {
        return path instanceof RegistryPath.ManifestByTag manifest ? manifest.toTag() : Optional.empty();
    }

    /** The tag's name alone; empty for a digest. */
    Optional<String> tagName() {
        return path instanceof RegistryPath.ManifestByTag manifest ? Optional.of(manifest.tag()) : Optional.empty();
    }

    /** What to look peers up by; empty for a tag of no known registry. */
    Optional<Key> key() {
        return digest().map(Key::of).or(() -> tag().map(Key::of));
    }

    ErrorCode unknown() {
        return forManifest() ? ErrorCode.MANIFEST_UNKNOWN : ErrorCode.BLOB_UNKNOWN;
    }

    /** The path and query to ask a peer with: in containerd's form, which every implementation understands. */
    String pathAndQuery() {
        String reference = digest().map(Digest::toString).or(this::tagName).orElseThrow();
        return "/v2/%s/%s/%s".formatted(path.repository(), forManifest() ? "manifests" : "blobs", reference) + query();
    }

    private String query() {
        List<String> parameters = new ArrayList<>();
        path.registry()
                .ifPresent(registry -> parameters.add("ns=" + URLEncoder.encode(registry, StandardCharsets.US_ASCII)));
        if (asker == Asker.REDIRECTED) {
            parameters.add(REDIRECTED + "=true");
        }
        return parameters.isEmpty() ? "" : "?" + String.join("&", parameters);
    }
}
