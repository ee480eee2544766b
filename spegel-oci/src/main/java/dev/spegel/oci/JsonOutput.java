package dev.spegel.oci;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes a JSON document: compact, in UTF-8, the fields in the order in which they are written. */
final class JsonOutput {
    private static final JsonFactory FACTORY = new JsonFactory();

    private JsonOutput() {}

    /** Writes the fields of an object. */
    interface FieldsWriter {
        void write(JsonGenerator out) throws IOException;
    }

    static byte[] object(FieldsWriter fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = FACTORY.createGenerator(bytes)) {
            out.writeStartObject();
            fields.write(out);
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("memory doesn't fail, so this is a value that can't be written", e);
        }
        return bytes.toByteArray();
    }
}
