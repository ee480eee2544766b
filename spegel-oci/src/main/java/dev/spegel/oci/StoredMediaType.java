package dev.spegel.oci;

import java.io.IOException;
import java.util.Optional;

/**
 * Tells the media type of content from the content itself, for stores that keep none beside it, as containerd does.
 *
 * <p>A document that says what it is (a {@code mediaType}, and the {@code schemaVersion} 2 that goes with it) is believed. One
 * that doesn't is told by its shape: an index has {@code manifests}, a manifest has {@code config} and {@code layers}, an image's
 * config has {@code rootfs}, {@code os} and {@code architecture}, and <code>{}</code> is the empty document. Docker's config has
 * the shape of OCI's and is taken for that; Docker's manifests always say what they are. Anything else is a blob.
 */
public final class StoredMediaType {
    /**
     * Larger content is a blob, so nobody needs to read it whole. distribution-spec v1.1.1, section "Pushing Manifests": registries
     * take manifests of at least 4 megabytes; the usual ones draw their limit there.
     */
    public static final int MAX_DOCUMENT_BYTES = JsonInput.MAX_BYTES;

    private StoredMediaType() {}

    /**
     * Returns the media type; {@link MediaType#OCTET_STREAM} for what isn't a document of ours. That includes one with the marks of
     * both an index and a manifest (CVE-2021-41190), with a field twice, or with text after its end.
     */
    public static MediaType detect(byte[] content) {
        if (content.length > MAX_DOCUMENT_BYTES || !JsonInput.mayBeObject(content)) {
            return MediaType.OCTET_STREAM;
        }
        try {
            return JsonInput.read(content, "a document", StoredMediaType::readShape)
                    .mediaType();
        } catch (OciSyntaxException e) {
            return MediaType
                    .OCTET_STREAM; // any content may look like JSON at first; that it isn't is the answer, not a
            // failure
        }
    }

    /**
     * Whether content that begins so may be a document of ours at all; whoever reads from afar can stop there if not. The start may
     * be cut anywhere behind the first characters that aren't white space.
     */
    public static boolean mayBeDocument(byte[] start) {
        return JsonInput.mayBeObject(start);
    }

    private static Shape readShape(JsonInput in) throws IOException {
        Shape shape = new Shape();
        in.eachField(name -> {
            shape.empty = false;
            switch (name) {
                case "schemaVersion" ->
                    shape.schemaVersion2 = in.isWholeNumber() && in.wholeNumber() == SchemaVersion.VALUE;
                case "mediaType" ->
                    shape.explicit = in.isText() ? in.optionalText().map(MediaType::new) : Optional.empty();
                case "manifests" -> shape.manifests = in.isArray() || in.isNull();
                case "config" -> shape.config = in.isObject();
                case "layers" -> shape.layers = in.isArray() || in.isNull();
                case "rootfs" -> shape.rootfs = in.isObject();
                case "os" -> shape.os = in.isText();
                case "architecture" -> shape.architecture = in.isText();
                default -> {}
            }
            in.skip();
        });
        return shape;
    }

    private static final class Shape {
        private boolean empty = true;
        private boolean schemaVersion2;
        private Optional<MediaType> explicit = Optional.empty();
        private boolean manifests;
        private boolean config;
        private boolean layers;
        private boolean rootfs;
        private boolean os;
        private boolean architecture;

        private MediaType mediaType() {
            if (empty) {
                return MediaType.OCI_EMPTY;
            }
            if (manifests && (config || layers)) {
                return MediaType.OCTET_STREAM;
            }
            if (schemaVersion2 && explicit.isPresent()) {
                return explicit.get();
            }
            if (manifests) {
                return MediaType.OCI_INDEX;
            }
            if (config && layers) {
                return MediaType.OCI_MANIFEST;
            }
            return rootfs && os && architecture ? MediaType.OCI_CONFIG : MediaType.OCTET_STREAM;
        }
    }
}
