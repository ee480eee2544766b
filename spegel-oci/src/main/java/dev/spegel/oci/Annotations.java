package dev.spegel.oci;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** Annotations of a manifest, an index or a descriptor: OCI image-spec v1.1.1, annotations.md. */
final class Annotations {
    private Annotations() {}

    /** @throws OciSyntaxException if a key or value couldn't be written as UTF-8 */
    static Map<String, String> copyOf(Map<String, String> annotations) {
        Map<String, String> copy = Map.copyOf(annotations);
        copy.forEach((key, value) -> {
            UnicodeText.require(key);
            UnicodeText.require(value);
        });
        return copy;
    }

    /** Writes the field in order of keys, so that equal annotations give equal bytes; no field if there are none. */
    static void write(Map<String, String> annotations, JsonGenerator out) throws IOException {
        if (annotations.isEmpty()) {
            return;
        }
        out.writeObjectFieldStart("annotations");
        for (Map.Entry<String, String> annotation : new TreeMap<>(annotations).entrySet()) {
            out.writeStringField(annotation.getKey(), annotation.getValue());
        }
        out.writeEndObject();
    }
}
