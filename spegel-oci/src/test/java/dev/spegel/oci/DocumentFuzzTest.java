package dev.spegel.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.function.Function;

class DocumentFuzzTest {
    @FuzzTest
    void documentsAreReadAsTheyAreWritten(byte[] input) {
        MediaType detected = StoredMediaType.detect(input);
        boolean manifest = survives(input, ImageManifest::parse, ImageManifest::toJson);
        boolean index = survives(input, ImageIndex::parse, ImageIndex::toJson);
        boolean config = survives(input, ImageConfig::parse, ImageConfig::toJson);

        assertThat(manifest && index).as("both a manifest and an index").isFalse();
        // A type in the document goes before its shape, so one that is read as a manifest says so or has the shape.
        if (manifest) {
            assertThat(detected).matches(type -> type.isManifest() && !type.isIndex());
        }
        if (index) {
            assertThat(detected).matches(MediaType::isIndex);
        }
        if (detected.equals(MediaType.OCI_EMPTY)) {
            assertThat(manifest || index || config).isFalse();
        }
    }

    @FuzzTest
    void errorBodiesAreReadAsTheyAreWritten(byte[] input) {
        ErrorBody.parse(input).ifPresent(body -> {
            byte[] json = body.toJson();
            if (json.length <= ErrorBody.MAX_PARSED_BYTES) {
                assertThat(ErrorBody.parse(json)).contains(body);
            }
        });
    }

    private static <T> boolean survives(byte[] input, Function<byte[], T> parse, Function<T, byte[]> toJson) {
        T value;
        try {
            value = parse.apply(input);
        } catch (OciSyntaxException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.MANIFEST_INVALID);
            return false;
        }
        byte[] json = toJson.apply(value);
        assertThat(parse.apply(json)).isEqualTo(value);
        assertThat(toJson.apply(parse.apply(json))).isEqualTo(json);
        return true;
    }
}
