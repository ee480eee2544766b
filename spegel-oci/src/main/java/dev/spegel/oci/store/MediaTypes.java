package dev.spegel.oci.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spegel.oci.MediaType;
import java.io.IOException;

/** Stands in until {@code dev.spegel.oci} detects media types. */
final class MediaTypes {
    private MediaTypes() {}

    static MediaType of(byte[] content) {
        if (content.length == 0 || content[0] != '{') {
            return MediaType.OCTET_STREAM;
        }
        JsonNode json;
        try {
            json = new ObjectMapper().readTree(content);
        } catch (IOException e) {
            return MediaType.OCTET_STREAM;
        }
        if (json.isEmpty()) {
            return MediaType.OCI_EMPTY;
        }
        if (json.path("schemaVersion").asInt() == 2 && json.hasNonNull("mediaType")) {
            return new MediaType(json.path("mediaType").asText());
        }
        if (json.has("manifests")) {
            return MediaType.OCI_INDEX;
        }
        if (json.has("layers")) {
            return MediaType.OCI_MANIFEST;
        }
        return json.has("rootfs") ? MediaType.OCI_CONFIG : MediaType.OCTET_STREAM;
    }
}
