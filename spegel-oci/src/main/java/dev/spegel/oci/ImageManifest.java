package dev.spegel.oci;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an image, or any other artifact, consists of: OCI image-spec v1.1.1, manifest.md; Docker's image manifest V2, schema 2.
 */
public record ImageManifest(
        MediaType mediaType,
        Optional<MediaType> artifactType,
        Descriptor config,
        List<Descriptor> layers,
        Optional<Descriptor> subject,
        Map<String, String> annotations) {

    private static final String WHAT = "an image manifest";

    /** @throws OciSyntaxException if the media type isn't that of a manifest, or an annotation isn't Unicode text */
    public ImageManifest {
        requireNonNull(mediaType, "mediaType");
        requireNonNull(artifactType, "artifactType");
        requireNonNull(config, "config");
        requireNonNull(subject, "subject");
        layers = List.copyOf(layers);
        annotations = Annotations.copyOf(annotations);
        if (!mediaType.isManifest() || mediaType.isIndex()) {
            throw new OciSyntaxException(
                    ErrorCode.MANIFEST_INVALID,
                    "%s has the media type %s or %s, got %s"
                            .formatted(WHAT, MediaType.OCI_MANIFEST, MediaType.DOCKER_MANIFEST, mediaType));
        }
    }

    /** One with the required properties only, in OCI's form. */
    public static ImageManifest of(Descriptor config, List<Descriptor> layers) {
        return new ImageManifest(MediaType.OCI_MANIFEST, Optional.empty(), config, layers, Optional.empty(), Map.of());
    }

    /**
     * Reads a manifest. Where it names no media type it is OCI's. Fields that aren't ours are ignored, but for {@code manifests}:
     * what one program reads as a manifest and the next as an index is neither (CVE-2021-41190).
     *
     * @throws OciSyntaxException MANIFEST_INVALID if this isn't a manifest, or is larger than {@link
     *     StoredMediaType#MAX_DOCUMENT_BYTES}
     */
    public static ImageManifest parse(byte[] json) {
        return JsonInput.read(json, WHAT, in -> {
            Fields fields = new Fields();
            in.eachField(name -> {
                switch (name) {
                    case "schemaVersion" -> fields.schemaVersion = SchemaVersion.read(in);
                    case "mediaType" ->
                        fields.mediaType = in.optionalText().map(MediaType::new).orElse(MediaType.OCI_MANIFEST);
                    case "artifactType" ->
                        fields.artifactType = in.optionalText().map(MediaType::new);
                    case "config" -> fields.config = Descriptor.read(in);
                    case "layers" -> fields.layers = in.list(Descriptor::read);
                    case "subject" -> fields.subject = Descriptor.readOptional(in);
                    case "annotations" -> fields.annotations = in.textMap();
                    case "manifests" -> throw in.refusal("there are no manifests in a manifest");
                    default -> in.skip();
                }
            });
            in.required(fields.schemaVersion, "schemaVersion");
            return new ImageManifest(
                    fields.mediaType,
                    fields.artifactType,
                    in.required(fields.config, "config"),
                    in.required(fields.layers, "layers"),
                    fields.subject,
                    fields.annotations);
        });
    }

    /** All that must be there besides the manifest itself: the config, then the layers in their order. */
    public List<Descriptor> blobs() {
        List<Descriptor> blobs = new ArrayList<>(layers.size() + 1);
        blobs.add(config);
        blobs.addAll(layers);
        return List.copyOf(blobs);
    }

    /** Writes it: equal manifests give equal bytes. Fields of another program's manifest that aren't ours are lost. */
    public byte[] toJson() {
        return JsonOutput.object(out -> {
            out.writeNumberField("schemaVersion", SchemaVersion.VALUE);
            out.writeStringField("mediaType", mediaType.value());
            if (artifactType.isPresent()) {
                out.writeStringField("artifactType", artifactType.get().value());
            }
            out.writeFieldName("config");
            config.write(out);
            out.writeArrayFieldStart("layers");
            for (Descriptor layer : layers) {
                layer.write(out);
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
        private MediaType mediaType = MediaType.OCI_MANIFEST;
        private Optional<MediaType> artifactType = Optional.empty();
        private @Nullable Descriptor config;
        private @Nullable List<Descriptor> layers;
        private Optional<Descriptor> subject = Optional.empty();
        private Map<String, String> annotations = Map.of();
    }
}
