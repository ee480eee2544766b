package dev.spegel.oci;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;

class RegistryPathFuzzTest {
    private static final List<ErrorCode> CODES =
            List.of(ErrorCode.NAME_INVALID, ErrorCode.DIGEST_INVALID, ErrorCode.MANIFEST_INVALID);

    @FuzzTest
    void whatPassesIsCleanAndReadAsItIsWritten(byte[] input) {
        String path = new String(input, ISO_8859_1);
        RegistryPath parsed;
        try {
            parsed = RegistryPath.parse(path);
        } catch (OciSyntaxException e) {
            assertThat(e.code()).isIn(CODES);
            return;
        }
        if (parsed instanceof RegistryPath.Unserved) {
            assertThat(path).doesNotContain("%", "//", "/../", "\\", "\0");
        }
        if (parsed instanceof RegistryPath.Content content) {
            assertThat(RegistryPath.parse(written(content))).isEqualTo(content);
        }
    }

    private static String written(RegistryPath.Content content) {
        String name = content.registry().map(host -> host + "/").orElse("") + content.repository();
        if (content instanceof RegistryPath.ManifestByTag manifest) {
            return "/v2/" + name + "/manifests/" + manifest.tag();
        }
        if (content instanceof RegistryPath.ManifestByDigest manifest) {
            return "/v2/" + name + "/manifests/" + manifest.digest();
        }
        return "/v2/" + name + "/blobs/" + ((RegistryPath.Blob) content).digest();
    }
}
