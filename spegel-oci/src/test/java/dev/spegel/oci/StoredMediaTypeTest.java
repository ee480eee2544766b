package dev.spegel.oci;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoredMediaTypeTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/vnd.oci.image.index.v1+json",
                "application/vnd.oci.image.manifest.v1+json",
                "application/vnd.docker.distribution.manifest.v2+json",
                "application/vnd.docker.distribution.manifest.list.v2+json",
                "application/vnd.example.thing+json",
            })
    void aDocumentThatSaysWhatItIsIsBelieved(String type) {
        String json = "{\"layers\":[],\"mediaType\":\"%s\",\"schemaVersion\":2}".formatted(type);

        assertThat(detect(json)).isEqualTo(new MediaType(type));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | application/vnd.oci.empty.v1+json",
                "' { }\n' | application/vnd.oci.empty.v1+json",
                "{\"schemaVersion\":2,\"manifests\":[]} | application/vnd.oci.image.index.v1+json",
                "{\"manifests\":[{}]} | application/vnd.oci.image.index.v1+json",
                "{\"schemaVersion\":2,\"config\":{},\"layers\":[]} | application/vnd.oci.image.manifest.v1+json",
                "{\"schemaVersion\":2,\"mediaType\":\"\",\"manifests\":null} | application/vnd.oci.image.index.v1+json",
                "{\"config\":{},\"layers\":null} | application/vnd.oci.image.manifest.v1+json",
                "{\"layers\":[{\"config\":1}],\"config\":{\"layers\":1}} | application/vnd.oci.image.manifest.v1+json",
                "{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{},\"rootfs\":{}} | application/vnd.oci.image.config.v1+json",
            })
    void aDocumentThatDoesNotIsToldByItsShape(String json, String type) {
        assertThat(detect(json)).isEqualTo(new MediaType(type));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "[]",
                "\"{}\"",
                "{",
                "{\"a\":1}",
                "not JSON",
                "{\"manifests\":{}}",
                "{\"layers\":[]}",
                "{\"config\":{}}",
                "{\"config\":\"x\",\"layers\":[]}",
                "{\"rootfs\":{}}",
                "{\"os\":1,\"architecture\":2,\"rootfs\":{}}",
                // Only with version 2 does the type count; this is Docker's schema 1.
                "{\"schemaVersion\":1,\"mediaType\":\"application/vnd.docker.distribution.manifest.v1+json\"}",
                "{\"schemaVersion\":\"2\",\"mediaType\":\"application/vnd.oci.image.index.v1+json\"}",
                "{\"schemaVersion\":2,\"mediaType\":\"text/html\\r\\nX-Evil: 1\"}",
                "{\"schemaVersion\":2,\"mediaType\":7}",
                // Another program might take the other one.
                "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[],\"layers\":[]}",
                "{\"schemaVersion\":2,\"manifests\":[],\"config\":{}}",
                "{\"manifests\":[],\"manifests\":[]}",
                "{\"manifests\":[]} {}",
                "{\"manifests\":[]}x",
                "{\"manifests\":[],\"x\":[[[}",
            })
    void allElseIsABlob(String content) {
        assertThat(detect(content)).isEqualTo(MediaType.OCTET_STREAM);
    }

    @Test
    void otherEncodingsThanUtf8AreNotJson() {
        assertThat(StoredMediaType.detect("{}".getBytes(UTF_16LE))).isEqualTo(MediaType.OCTET_STREAM);
        assertThat(StoredMediaType.detect("\ufeff{}".getBytes(UTF_8))).isEqualTo(MediaType.OCTET_STREAM);
        assertThat(StoredMediaType.detect(new byte[] {'{', '"', (byte) 0xc3, '"', ':', '1', '}'}))
                .isEqualTo(MediaType.OCTET_STREAM);
    }

    @Test
    void largerContentIsABlob() {
        byte[] content = new byte[StoredMediaType.MAX_DOCUMENT_BYTES + 1];
        Arrays.fill(content, (byte) ' ');
        content[0] = '{';
        content[1] = '}';

        assertThat(StoredMediaType.detect(content)).isEqualTo(MediaType.OCTET_STREAM);
        assertThat(StoredMediaType.detect(Arrays.copyOf(content, StoredMediaType.MAX_DOCUMENT_BYTES)))
                .isEqualTo(MediaType.OCI_EMPTY);
    }

    private static MediaType detect(String content) {
        return StoredMediaType.detect(content.getBytes(UTF_8));
    }

    @Test
    void theStartTellsWhatCanBeADocument() {
        assertThat(StoredMediaType.mayBeDocument(" \n{\"schema".getBytes(UTF_8)))
                .isTrue();
        assertThat(StoredMediaType.mayBeDocument(new byte[] {0x1f, (byte) 0x8b, 8}))
                .isFalse();
        assertThat(StoredMediaType.mayBeDocument(new byte[0])).isFalse();
    }
}
