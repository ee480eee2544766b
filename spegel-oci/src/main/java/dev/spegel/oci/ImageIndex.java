package dev.spegel.oci;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A list of manifests, most often one a platform: OCI image-spec v1.1.1, image-index.md; Docker's manifest list V2, schema 2.
 */
public record ImageIndex(
        MediaType mediaType,
        Optional<MediaType> artifactType,
        List<Descriptor> manifests,
        Optional<Descriptor> subject,
        Map<String, String> annotations) {

    private static final String WHAT = "an image index";

    /** @throws OciSyntaxException if the media type isn't that of an index, or an annotation isn't Unicode text */
    public ImageIndex {
        requireNonNull(mediaType, "mediaType");
        requireNonNull(artifactType, "artifactType");
        requireNonNull(subject, "subject");
        manifests = List.copyOf(manifests);
        annotations = Annotations.copyOf(annotations);
        if (!mediaType.isIndex()) {
            throw new OciSyntaxException(
                    ErrorCode.MANIFEST_INVALID,
                    "%s has the media type %s or %s, got %s"
                            .formatted(WHAT, MediaType.OCI_INDEX, MediaType.DOCKER_MANIFEST_LIST, mediaType));
        }
    }

    /** One with the required properties only, in OCI's form. */
    public static ImageIndex of(List<Descriptor> manifests) {
        return new ImageIndex(MediaType.OCI_INDEX, Optional.empty(), manifests, Optional.empty(), Map.of());
    }

    /**
     * Reads an index. Where it names no media type it is OCI's. Fields that aren't ours are ignored, but for {@code config} and
     * {@code layers}: what one program reads as an index and the next as a manifest is neither (CVE-2021-41190).
     *
     * @throws OciSyntaxException MANIFEST_INVALID if this isn't an index, or is larger than {@link
     *     StoredMediaType#MAX_DOCUMENT_BYTES}
     */
    public static ImageIndex parse(byte[] json) {
        return JsonInput.read(json, WHAT, in -> {
            Fields fields = new Fields();
            in.eachField(name -> {
                switch (name) {
                    case "schemaVersion" -> fields.schemaVersion = SchemaVersion.read(in);
                    case "mediaType" ->
                        fields.mediaType = in.optionalText().map(MediaType::new).orElse(MediaType.OCI_INDEX);
                    case "artifactType" ->
                        fields.artifactType = in.optionalText().map(MediaType::new);
                    case "manifests" -> fields.manifests = in.list(Descriptor::read);
                    case "subject" -> fields.subject = Descriptor.readOptional(in);
                    case "annotations" -> fields.annotations = in.textMap();
                    case "config", "layers" -> throw in.refusal("there is no config and no layer in an index");
                    default -> in.skip();
                }
            });
            in.required(fields.schemaVersion, "schemaVersion");
            return new ImageIndex(
                    fields.mediaType,
                    fields.artifactType,
                    in.required(fields.manifests, "manifests"),
                    fields.subject,
                    fields.annotations);
        });
    }

    /** Writes it: equal indexes give equal bytes. Fields of another program's index that aren't ours are lost. */
    public byte[] toJson() {
        return JsonOutput.object(out -> {
            out.writeNumberField("schemaVersion", SchemaVersion.VALUE);
            out.writeStringField("mediaType", mediaType.value());
            if (artifactType.isPresent()) {
                out.writeStringField("artifactType", artifactType.get().value());
            }
            out.writeArrayFieldStart("manifests");
            for (Descriptor manifest : manifests) {
                manifest.write(out);
            }
            out.writeEndArray();
            if (subject.isPresent()) {
                out.writeFieldName("subject");
                subject.get().write(out);
            }
            Annotations.write(annotations, out);
        });
    }

    private static final class Fields {
        private @Nullable Long schemaVersion;
        private MediaType mediaType = MediaType.OCI_INDEX;
        private Optional<MediaType> artifactType = Optional.empty();
        private @Nullable List<Descriptor> manifests;
        private Optional<Descriptor> subject = Optional.empty();
        private Map<String, String> annotations = Map.of();
    }
}
