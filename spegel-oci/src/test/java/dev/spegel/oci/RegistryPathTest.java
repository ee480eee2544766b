package dev.spegel.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.spegel.oci.RegistryPath.Blob;
import dev.spegel.oci.RegistryPath.ManifestByDigest;
import dev.spegel.oci.RegistryPath.ManifestByTag;
import dev.spegel.oci.RegistryPath.Root;
import dev.spegel.oci.RegistryPath.Unserved;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryPathTest {
    private static final String HEX = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static final Digest DIGEST = Digest.parse("sha256:" + HEX);

    @ParameterizedTest
    @ValueSource(strings = {"/v2", "/v2/"})
    void theRootIsFoundWithAndWithoutSlash(String path) {
        assertThat(RegistryPath.parse(path)).isEqualTo(new Root());
        assertThat(RegistryPath.parse(path, "docker.io")).isEqualTo(new Root());
    }

    @Nested
    class WithNamespace {
        @Test
        void thePathIsAllRepository() {
            assertThat(RegistryPath.parse("/v2/library/app/manifests/1.0", "docker.io"))
                    .isEqualTo(new ManifestByTag(Optional.of("docker.io"), "library/app", "1.0"));
            assertThat(RegistryPath.parse("/v2/localhost/app/manifests/1.0", "docker.io"))
                    .isEqualTo(new ManifestByTag(Optional.of("docker.io"), "localhost/app", "1.0"));
        }

        @Test
        void anAddressWithAPortIsARegistry() {
            assertThat(RegistryPath.parse("/v2/app/blobs/" + DIGEST, "[::1]:5000"))
                    .isEqualTo(new Blob(Optional.of("[::1]:5000"), "app", DIGEST));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "docker.io/library",
                    "http://docker.io",
                    "docker..io",
                    "a b",
                    "docker.io\r\nx: y",
                    "_default"
                })
        void aBadRegistryIsRefused(String namespace) {
            assertThatExceptionOfType(OciSyntaxException.class)
                    .isThrownBy(() -> RegistryPath.parse("/v2/app/blobs/" + DIGEST, namespace))
                    .extracting(OciSyntaxException::code)
                    .isEqualTo(ErrorCode.NAME_INVALID);
        }

        @Test
        void aRegistryInThePathIsNoRepository() {
            assertThatExceptionOfType(OciSyntaxException.class)
                    .isThrownBy(() -> RegistryPath.parse("/v2/localhost:5000/app/manifests/1.0", "docker.io"))
                    .extracting(OciSyntaxException::code)
                    .isEqualTo(ErrorCode.NAME_INVALID);
        }
    }

    @Nested
    class WithoutNamespace {
        @ParameterizedTest
        @CsvSource({
            "docker.io/library/app, docker.io, library/app",
            "localhost/app, localhost, app",
            "localhost:5000/app, localhost:5000, app",
            "127.0.0.1/app, 127.0.0.1, app",
            "[::1]:5000/app, [::1]:5000, app",
            "Registry.Example/a/b/c, Registry.Example, a/b/c",
        })
        void theFirstComponentMayBeTheRegistry(String name, String registry, String repository) {
            assertThat(RegistryPath.parse("/v2/" + name + "/manifests/1.0"))
                    .isEqualTo(new ManifestByTag(Optional.of(registry), repository, "1.0"));
            assertThat(RegistryPath.parse("/v2/" + name + "/manifests/" + DIGEST))
                    .isEqualTo(new ManifestByDigest(Optional.of(registry), repository, DIGEST));
            assertThat(RegistryPath.parse("/v2/" + name + "/blobs/" + DIGEST))
                    .isEqualTo(new Blob(Optional.of(registry), repository, DIGEST));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "app",
                    "library/app",
                    "docker.io",
                    "localhost",
                    "a/docker.io/b",
                    "manifests",
                    "blobs/manifests"
                })
        void otherwiseThereIsNone(String repository) {
            assertThat(RegistryPath.parse("/v2/" + repository + "/manifests/1.0"))
                    .isEqualTo(new ManifestByTag(Optional.empty(), repository, "1.0"));
        }
    }

    @Test
    void aRepositoryMayHaveTheNamesOfEndpoints() {
        assertThat(RegistryPath.parse("/v2/a/manifests/blobs/tags/manifests/list"))
                .isEqualTo(new ManifestByTag(Optional.empty(), "a/manifests/blobs/tags", "list"));
        assertThat(RegistryPath.parse("/v2/blobs/blobs/" + DIGEST))
                .isEqualTo(new Blob(Optional.empty(), "blobs", DIGEST));
    }

    @ParameterizedTest
    @ValueSource(strings = {"%3A", "%3a"})
    void theColonOfADigestMayBeEncoded(String colon) {
        assertThat(RegistryPath.parse("/v2/app/blobs/sha256" + colon + HEX))
                .isEqualTo(new Blob(Optional.empty(), "app", DIGEST));
        assertThat(RegistryPath.parse("/v2/app/manifests/sha256" + colon + HEX))
                .isEqualTo(new ManifestByDigest(Optional.empty(), "app", DIGEST));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/v1/_ping",
                "/v2x",
                "/v22/app/manifests/1.0",
                "/v2/_catalog",
                "/v2/app/tags/list",
                "/v2/app",
                "/v2/manifests/1.0",
                "/v2/app/blobs/uploads",
                "/v2/app/blobs/uploads/",
                "/v2/app/blobs/uploads/b3f1-22",
                "/v2/app/referrers/sha256:" + HEX,
                "/v2/_oci/ext/discover",
                "/v2/app/manifests/1.0/",
                "/readyz",
            })
    void whatAsksForNoContentIsUnserved(String path) {
        assertThat(RegistryPath.parse(path)).isEqualTo(new Unserved(path));
    }

    @ParameterizedTest
    @CsvSource({
        "'', NAME_INVALID",
        "v2, NAME_INVALID",
        "//v2/, NAME_INVALID",
        "/v2//, NAME_INVALID",
        "/v2/..//, NAME_INVALID",
        "/v2/.., NAME_INVALID",
        "/v2/., NAME_INVALID",
        "/../v2/app/tags/list, NAME_INVALID",
        "/v2/app/../tags/list, NAME_INVALID",
        "/v2/app/tags%2flist, NAME_INVALID",
        "/v2/app/tags/list%00, NAME_INVALID",
        "/v2/äpp/tags/list, NAME_INVALID",
        "/v2/app\\..\\tags, NAME_INVALID",
        "/v2/app;x/manifests/1.0, NAME_INVALID",
        "/v2//manifests/1.0, NAME_INVALID",
        "/v2//app/manifests/1.0, NAME_INVALID",
        "/v2/app//manifests/1.0, NAME_INVALID",
        "/v2/a//b/manifests/1.0, NAME_INVALID",
        "/v2/../app/manifests/1.0, NAME_INVALID",
        "/v2/../../manifests/1.0, NAME_INVALID",
        "/v2/App/manifests/1.0, NAME_INVALID",
        "/v2/a%2fb/manifests/1.0, NAME_INVALID",
        "/v2/a%2Fb/blobs/x, NAME_INVALID",
        "/v2/%2e%2e/app/manifests/1.0, NAME_INVALID",
        "/v2/localhost%3A5000/app/manifests/1.0, NAME_INVALID",
        "/v2/docker.io//app/manifests/1.0, NAME_INVALID",
        "/v2/docker..io/app/manifests/1.0, NAME_INVALID",
        "/v2/docker.io/App/manifests/1.0, NAME_INVALID",
        "/v2/app/manifests/, MANIFEST_INVALID",
        "/v2/app/manifests/.., MANIFEST_INVALID",
        "/v2/app/manifests/-1, MANIFEST_INVALID",
        "/v2/app/manifests/1.0%00, MANIFEST_INVALID",
        "/v2/app/manifests/%31, MANIFEST_INVALID",
        "/v2/app/manifests/1.0?x, MANIFEST_INVALID",
        "/v2/app/manifests/1.0%20, MANIFEST_INVALID",
        "/v2/app/manifests/é, MANIFEST_INVALID",
        "/v2/app/manifests/sha256:, DIGEST_INVALID",
        "/v2/app/manifests/sha256:0123, DIGEST_INVALID",
        "/v2/app/manifests/md5:0123, DIGEST_INVALID",
        "/v2/app/manifests/sha256%253A0123, MANIFEST_INVALID",
        "/v2/app/blobs/, DIGEST_INVALID",
        "/v2/app/blobs/.., DIGEST_INVALID",
        "/v2/app/blobs/1.0, DIGEST_INVALID",
        "/v2/app/blobs/sha256, DIGEST_INVALID",
        "/v2/app/blobs/sha256:0123, DIGEST_INVALID",
    })
    void whatIsMalformedIsRefused(String path, String code) {
        assertThatExceptionOfType(OciSyntaxException.class)
                .isThrownBy(() -> RegistryPath.parse(path))
                .extracting(OciSyntaxException::code)
                .isEqualTo(ErrorCode.valueOf(code));
    }

    @Test
    void theLongestNamesFit() {
        String registry = "r".repeat(63) + ("." + "r".repeat(63)).repeat(2) + ".example:65535";
        String repository = "a".repeat(255);

        assertThat(RegistryPath.parse("/v2/" + registry + "/" + repository + "/manifests/" + "t".repeat(128)))
                .isEqualTo(new ManifestByTag(Optional.of(registry), repository, "t".repeat(128)));
    }

    @Test
    void pathsBeyondThatAreRefused() {
        assertThatExceptionOfType(OciSyntaxException.class)
                .isThrownBy(() -> RegistryPath.parse("/v2" + "/a".repeat(100_000)))
                .extracting(OciSyntaxException::code)
                .isEqualTo(ErrorCode.NAME_INVALID);
    }

    @Test
    void aTagIsInFullOnceTheRegistryIsKnown() {
        assertThat(new ManifestByTag(Optional.of("docker.io"), "library/app", "1.0").toTag())
                .contains(new TagReference("docker.io", "library/app", "1.0"));
        assertThat(new ManifestByTag(Optional.empty(), "library/app", "1.0").toTag())
                .isEmpty();
    }
}
