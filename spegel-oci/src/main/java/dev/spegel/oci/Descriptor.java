package dev.spegel.oci;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a manifest or an index says of content: OCI image-spec v1.1.1, descriptor.md#properties. */
public record Descriptor(
        MediaType mediaType,
        Digest digest,
        long sizeBytes,
        Map<String, String> annotations,
        Optional<Platform> platform,
        Optional<MediaType> artifactType) {

    /** @throws OciSyntaxException if the size is negative, or an annotation isn't Unicode text */
    public Descriptor {
        requireNonNull(mediaType, "mediaType");
        requireNonNull(digest, "digest");
        requireNonNull(platform, "platform");
        requireNonNull(artifactType, "artifactType");
        annotations = Annotations.copyOf(annotations);
        if (sizeBytes < 0) {
            throw new OciSyntaxException(
                    ErrorCode.MANIFEST_INVALID, "a descriptor's size is at least 0, got " + sizeBytes);
        }
    }

    /** One with the three required properties only. */
    public static Descriptor of(MediaType mediaType, Digest digest, long sizeBytes) {
        return new Descriptor(mediaType, digest, sizeBytes, Map.of(), Optional.empty(), Optional.empty());
    }

    static Optional<Descriptor> readOptional(JsonInput in) throws IOException {
        return in.isNull() ? Optional.empty() : Optional.of(read(in));
    }

    static Descriptor read(JsonInput in) throws IOException {
        Fields fields = new Fields();
        in.eachField(name -> {
            switch (name) {
                case "mediaType" -> fields.mediaType = new MediaType(in.text());
                case "digest" -> fields.digest = Digest.parse(in.text());
                case "size" -> fields.sizeBytes = in.wholeNumber();
                case "annotations" -> fields.annotations = in.textMap();
                case "platform" -> fields.platform = Platform.read(in);
                case "artifactType" -> fields.artifactType = in.optionalText().map(MediaType::new);
                default -> in.skip();
            }
        });
        return new Descriptor(
                in.required(fields.mediaType, "mediaType"),
                in.required(fields.digest, "digest"),
                in.required(fields.sizeBytes, "size"),
                fields.annotations,
                fields.platform,
                fields.artifactType);
    }

    void write(JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeStringField("mediaType", mediaType.value());
        out.writeStringField("digest", digest.toString());
        out.writeNumberField("size", sizeBytes);
        Annotations.write(annotations, out);
        if (platform.isPresent()) {
            out.writeFieldName("platform");
            platform.get().write(out);
        }
        if (artifactType.isPresent()) {
            out.writeStringField("artifactType", artifactType.get().value());
        }
        out.writeEndObject();
    }

    private static final class Fields {
        private @Nullable MediaType mediaType;
        private @Nullable Digest digest;
        private @Nullable Long sizeBytes;
        private Map<String, String> annotations = Map.of();
        private Optional<Platform> platform = Optional.empty();
        private Optional<MediaType> artifactType = Optional.empty();
    }
}
