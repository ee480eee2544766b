package dev.spegel.oci;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.Optional;

/** What a manifest or an index says of content: OCI image-spec v1.1.1, descriptor.md#properties. */
public record Descriptor(
        MediaType mediaType,
        Digest digest,
        long sizeBytes,
        Map<String, String> annotations,
        Optional<Platform> platform,
        Optional<String> artifactType) {

    /** @throws OciSyntaxException if the size is negative */
    public Descriptor {
        requireNonNull(mediaType, "mediaType");
        requireNonNull(digest, "digest");
        requireNonNull(platform, "platform");
        requireNonNull(artifactType, "artifactType");
        annotations = Map.copyOf(annotations);
        if (sizeBytes < 0) {
            throw new OciSyntaxException(
                    ErrorCode.MANIFEST_INVALID, "a descriptor's size is at least 0, got " + sizeBytes);
        }
    }

    /** One with the three required properties only. */
    public static Descriptor of(MediaType mediaType, Digest digest, long sizeBytes) {
        return new Descriptor(mediaType, digest, sizeBytes, Map.of(), Optional.empty(), Optional.empty());
    }
}
