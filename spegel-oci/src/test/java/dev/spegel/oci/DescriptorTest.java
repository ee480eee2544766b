package dev.spegel.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DescriptorTest {
    private static final Digest DIGEST = Digest.parse("sha256:" + "a".repeat(64));

    @Test
    void aSizeIsNotNegative() {
        assertThat(Descriptor.of(MediaType.OCTET_STREAM, DIGEST, 0).sizeBytes()).isZero();
        assertThatExceptionOfType(OciSyntaxException.class)
                .isThrownBy(() -> Descriptor.of(MediaType.OCTET_STREAM, DIGEST, -1));
    }

    @Test
    void annotationsStayAsTheyWere() {
        Map<String, String> annotations = new HashMap<>(Map.of("k", "v"));
        Descriptor descriptor = annotated(annotations);

        annotations.put("k", "w");

        assertThat(descriptor.annotations()).containsExactly(Map.entry("k", "v"));
    }

    @Test
    void annotationsAreUnicodeText() {
        assertThatExceptionOfType(OciSyntaxException.class).isThrownBy(() -> annotated(Map.of("k", "\ud83d")));
        assertThatExceptionOfType(OciSyntaxException.class).isThrownBy(() -> annotated(Map.of("\ude00", "v")));
    }

    private static Descriptor annotated(Map<String, String> annotations) {
        return new Descriptor(MediaType.OCTET_STREAM, DIGEST, 1, annotations, Optional.empty(), Optional.empty());
    }
}
