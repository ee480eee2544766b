package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.RegistryFilter;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.MemoryStore;
import dev.spegel.routing.BasicCredentials;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryHandlerTest {
    private static final SampleImage IMAGE = SampleImages.twoPlatforms();
    private static final String REPOSITORY = SampleImages.TAG.repository();
    private static final String NS = "?ns=" + SampleImages.TAG.registry();
    private static final byte[] BLOB = new byte[300_000];

    static {
        for (int i = 0; i < BLOB.length; i++) {
            BLOB[i] = (byte) (i * 31);
        }
    }

    private final MemoryStore store = new MemoryStore();
    private final Digest blob = store.put(BLOB);
    private TestRegistry registry;
    private RawHttp client;

    @BeforeEach
    void start() throws Exception {
        IMAGE.putInto(store, SampleImages.TAG);
        restart(RegistryConfig.DEFAULTS);
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    private void restart(RegistryConfig config) throws Exception {
        if (registry != null) {
            registry.close();
        }
        registry = new TestRegistry(config, store, new OrderedRouter());
        client = registry.client();
    }

    private String blobPath() {
        return "/v2/" + REPOSITORY + "/blobs/" + blob;
    }

    private static void assertError(RawHttp.Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).contains("application/json");
        assertThat(answer.text()).contains("\"code\":\"" + code + "\"").doesNotContain("\tat ", "Exception");
    }

    @Nested
    class Content {
        @Test
        void rootAnswers200() throws IOException {
            assertThat(client.get("/v2/").status()).isEqualTo(200);
            assertThat(client.get("/v2").status()).isEqualTo(200);
            assertThat(client.head("/v2/").status()).isEqualTo(200);
        }

        @Test
        void everyBlobAndManifestIsServedWithExactHeaders() throws IOException {
            for (Descriptor content : IMAGE.content()) {
                String kind = content.mediaType().isManifest() ? "manifests" : "blobs";
                String path = "/v2/%s/%s/%s%s".formatted(REPOSITORY, kind, content.digest(), NS);
                RawHttp.Answer answer = client.get(path);
                assertThat(answer.status()).as(path).isEqualTo(200);
                assertThat(answer.body()).isEqualTo(IMAGE.bytes(content.digest()));
                assertThat(answer.header("Docker-Content-Digest"))
                        .contains(content.digest().toString());
                assertThat(answer.header("OCI-Namespace")).contains(SampleImages.TAG.registry());
                assertThat(answer.header("Spegel-Served-By")).contains("local");
                if (content.mediaType().isManifest()) {
                    assertThat(answer.header("Content-Type"))
                            .contains(content.mediaType().value());
                } else {
                    assertThat(answer.header("Accept-Ranges")).contains("bytes");
                }
            }
        }

        @Test
        void headEqualsGetWithoutBody() throws IOException {
            for (String path : List.of(
                    blobPath() + NS,
                    "/v2/" + REPOSITORY + "/manifests/1.0" + NS,
                    "/v2/" + REPOSITORY + "/manifests/" + IMAGE.target().digest() + NS,
                    "/v2/" + REPOSITORY + "/blobs/" + Digest.ofSha256(new byte[] {1}) + NS)) {
                RawHttp.Answer get = client.get(path, "X-Request-Id: 1");
                RawHttp.Answer head = client.head(path, "X-Request-Id: 1");
                assertThat(head.status()).isEqualTo(get.status());
                assertThat(withoutDate(head)).isEqualTo(withoutDate(get));
                assertThat(head.header("Content-Length")).contains(Integer.toString(get.body().length));
            }
        }

        private Map<String, String> withoutDate(RawHttp.Answer answer) {
            Map<String, String> headers = new TreeMap<>(answer.headers());
            headers.remove("date");
            return headers;
        }

        @Test
        void connectionGoesOnAfterHead() throws IOException {
            try (Socket socket = client.open()) {
                for (int i = 0; i < 3; i++) {
                    socket.getOutputStream()
                            .write(("HEAD " + blobPath() + " HTTP/1.1\r\nHost: a\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
                    assertThat(RawHttp.read(socket, true).status()).isEqualTo(200);
                }
            }
        }

        @Test
        void tagIsServedWithItsDigest() throws IOException {
            RawHttp.Answer answer = client.get("/v2/" + REPOSITORY + "/manifests/1.0" + NS);
            assertThat(answer.body()).isEqualTo(IMAGE.bytes(IMAGE.target().digest()));
            assertThat(answer.header("Docker-Content-Digest"))
                    .contains(IMAGE.target().digest().toString());
        }

        @Test
        void registryMayBeTheFirstPathComponent() throws IOException {
            String name = SampleImages.TAG.registry() + "/" + REPOSITORY;
            assertThat(client.get("/v2/" + name + "/manifests/1.0").status()).isEqualTo(200);
            assertThat(client.get("/v2/" + name + "/blobs/" + blob).body()).isEqualTo(BLOB);
        }

        @Test
        void digestNeedsNoRegistry() throws IOException {
            assertThat(client.get("/v2/any/blobs/" + blob).body()).isEqualTo(BLOB);
        }

        @Test
        void digestMayHaveItsColonEncoded() throws IOException {
            assertThat(client.get(blobPath().replace("sha256:", "sha256%3A")).status())
                    .isEqualTo(200);
        }

        @Test
        void emptyBlobIsServed() throws IOException {
            Digest empty = store.put(new byte[0]);
            RawHttp.Answer answer = client.get("/v2/any/blobs/" + empty);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("Content-Length")).contains("0");
        }

        @Test
        void nothingIsCompressed() throws IOException {
            for (String encoding : List.of("gzip", "zstd;q=1.0, gzip;q=0.8, deflate;q=0.5", "*", "br")) {
                RawHttp.Answer answer = client.get(blobPath() + NS, "Accept-Encoding: " + encoding);
                assertThat(answer.header("Content-Encoding")).isEmpty();
                assertThat(answer.body()).isEqualTo(BLOB);
            }
        }

        @Test
        void handlerCanBeMountedInAContext() throws Exception {
            try (TestRegistry mounted = new TestRegistry(
                    store,
                    new OrderedRouter(),
                    RegistryConfig.DEFAULTS,
                    handler -> new ContextHandler(handler, "/mirror"))) {
                assertThat(mounted.client().get("/mirror" + blobPath()).body()).isEqualTo(BLOB);
                assertThat(mounted.client().get(blobPath()).status()).isEqualTo(404);
            }
        }
    }

    @Nested
    class Failures {
        @ParameterizedTest
        @CsvSource({
            "/v2/a/blobs/sha256:xyz, 400, DIGEST_INVALID",
            "/v2/a/blobs/md5:d41d8cd98f00b204e9800998ecf8427e, 400, DIGEST_INVALID",
            "/v2/a/blobs/sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855, 400, DIGEST_INVALID",
            "/v2/a/blobs/latest, 400, DIGEST_INVALID",
            "/v2/A/blobs/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, 400, NAME_INVALID",
            "/v2/a__-b/manifests/1?ns=x.io, 400, NAME_INVALID",
            "/v2/a/manifests/-bad?ns=x.io, 400, MANIFEST_INVALID",
            "/v2/a/manifests/1.0?ns=, 400, NAME_INVALID",
            "/v2/a/manifests/1.0?ns=x%20y, 400, NAME_INVALID",
            "/v2/a/manifests/1.0?ns=x.io&ns=y.io, 400, NAME_INVALID",
            "/v2/a/manifests/1.0, 404, NAME_UNKNOWN",
            "/v2/a/manifests/1.0?ns=x.io, 404, MANIFEST_UNKNOWN",
            "/v2/a/blobs/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b854, 404, BLOB_UNKNOWN",
            "/v2/_catalog, 404, UNSUPPORTED",
            "/v2/a/tags/list, 404, UNSUPPORTED",
            "/v2/a/referrers/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, 404, UNSUPPORTED",
            "/, 404, NAME_UNKNOWN",
            "/v3/, 404, NAME_UNKNOWN",
        })
        void eachHasItsStatusAndCode(String target, int status, String code) throws IOException {
            assertError(client.get(target), status, code);
            assertThat(client.head(target).status()).isEqualTo(status);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "/v2/../v2/a/blobs/x", "/v2/a/../blobs/x", "/v2/a/..%2fb/blobs/x", "/v2/a%2fb/blobs/x",
                            "/v2//a/blobs/x",
                    "/v2/a//blobs/x", "/v2/a/%2e%2e/blobs/x", "/v2/a/blobs/%00", "/v2/a;x=1/blobs/x", "/v2/./a/blobs/x",
                    "/v2/a/blobs/..", "/v2/a/manifests/%ff", "/v2/a\\b/blobs/x", "/v2/a/manifests/%zz",
                            "/x/../v2/a/blobs/x",
                    "http://[/v2/", "/v2/a/manifests/1.0?ns=%zz", "/v2/a/manifests/1.0?ns=%ff%fe"
                })
        void pathTricksAreRefused(String target) throws IOException {
            RawHttp.Answer answer = client.get(target);
            assertThat(answer.status()).as(answer.text()).isIn(400, 404);
            assertThat(answer.header("Content-Type")).contains("application/json");
            assertThat(answer.text()).doesNotContain("\tat ");
        }

        @ParameterizedTest
        @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"})
        void otherMethodsAreRefused(String method) throws IOException {
            for (String target : List.of("/v2/", blobPath(), "/v2/a/blobs/uploads/")) {
                RawHttp.Answer answer = client.send(method, target, "Content-Length: 0");
                if (method.equals("CONNECT")) {
                    assertThat(answer.status()).isBetween(400, 499);
                } else {
                    assertError(answer, 405, "UNSUPPORTED");
                    assertThat(answer.header("Allow")).contains("GET, HEAD");
                }
            }
        }

        @Test
        void manifestAsBlobAndBlobAsManifestAre404() throws IOException {
            assertError(client.get("/v2/a/blobs/" + IMAGE.target().digest()), 404, "BLOB_UNKNOWN");
            assertError(client.get("/v2/a/manifests/" + blob), 404, "MANIFEST_UNKNOWN");
        }

        @Test
        void oversizedHeadersAreRefused() throws IOException {
            assertError(client.get("/v2/", "X-Long: " + "x".repeat(20_000)), 431, "NAME_INVALID");
        }

        @Test
        void oversizedUrlIsRefused() throws IOException {
            RawHttp.Answer answer = client.get("/v2/" + "a".repeat(20_000));
            assertThat(answer.status()).isIn(414, 431);
            assertThat(answer.header("Content-Type")).contains("application/json");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "GET\r\n\r\n",
                    "GET /v2/ HTTP/9.9\r\n\r\n",
                    "\0\1\2\3\r\n\r\n",
                    "GET /v2/ HTTP/1.1\r\n\r\n",
                    "GET /v2/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                    "GET /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
                    "GET /v2/ HTTP/1.1\r\nHost: a\r\n bad: folded\r\n\r\n"
                })
        void malformedRequestsGet4xxOr505(String request) throws IOException {
            RawHttp.Answer answer = client.exchange(request, false);
            assertThat(answer.status()).as(answer.text()).matches(status -> status / 100 == 4 || status == 505);
            assertThat(answer.text()).doesNotContain("\tat ");
        }

        @Test
        void tlsGreetingIsAnsweredInPlainHttp() throws IOException {
            // containerd then falls back to plain HTTP: it looks for an answer that starts with "HTTP/".
            RawHttp.Answer answer = client.exchange("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n", false);
            assertThat(answer.status()).isEqualTo(400);
        }

        @Test
        void storeThatIsClosedIsAMiss() throws IOException {
            store.close();
            assertError(client.get(blobPath()), 404, "BLOB_UNKNOWN");
        }
    }

    @Nested
    class Ranges {
        @ParameterizedTest
        @CsvSource({
            "bytes=0-, 0, 299999",
            "bytes=0-0, 0, 0",
            "bytes=10-19, 10, 19",
            "BYTES=10-19, 10, 19",
            "bytes=299999-, 299999, 299999",
            "bytes=299990-400000, 299990, 299999",
            "bytes=-1, 299999, 299999",
            "bytes=-100, 299900, 299999",
            "bytes=-300000, 0, 299999",
            "bytes=-999999999999999999999, 0, 299999",
            "bytes=5-99999999999999999999999, 5, 299999",
        })
        void satisfiableOnesGet206(String range, int first, int last) throws IOException {
            RawHttp.Answer answer = client.get(blobPath(), "Range: " + range);
            assertThat(answer.status()).isEqualTo(206);
            assertThat(answer.header("Content-Range")).contains("bytes %d-%d/300000".formatted(first, last));
            assertThat(answer.header("Content-Length")).contains(Integer.toString(last - first + 1));
            assertThat(answer.body()).isEqualTo(Arrays.copyOfRange(BLOB, first, last + 1));
        }

        @ParameterizedTest
        @ValueSource(strings = {"bytes=300000-", "bytes=300000-300001", "bytes=999999999999999999999-", "bytes=-0"})
        void unsatisfiableOnesGet416WithTheSize(String range) throws IOException {
            RawHttp.Answer answer = client.get(blobPath(), "Range: " + range);
            assertError(answer, 416, "UNSUPPORTED");
            assertThat(answer.header("Content-Range")).contains("bytes */300000");
        }

        @ParameterizedTest
        @ValueSource(strings = {"bytes=", "bytes=a-b", "bytes=5-1", "bytes=--1", "bytes=1", "bytes=-", "bytes=0x0-1"})
        void malformedOnesGet416(String range) throws IOException {
            assertError(client.get(blobPath(), "Range: " + range), 416, "UNSUPPORTED");
        }

        @ParameterizedTest
        @ValueSource(strings = {"bytes=0-1,5-6", "bytes=0-,-1", "lines=1-2", "nonsense"})
        void severalRangesAndOtherUnitsAreIgnored(String range) throws IOException {
            RawHttp.Answer answer = client.get(blobPath(), "Range: " + range);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(BLOB);
        }

        @Test
        void rangeIsIgnoredForHeadForManifestsAndWithIfRange() throws IOException {
            assertThat(client.head(blobPath(), "Range: bytes=0-1").status()).isEqualTo(200);
            assertThat(client.get("/v2/" + REPOSITORY + "/manifests/1.0" + NS, "Range: bytes=0-")
                            .status())
                    .isEqualTo(200);
            assertThat(client.get(blobPath(), "Range: bytes=0-1", "If-Range: \"x\"")
                            .status())
                    .isEqualTo(200);
            assertThat(client.get(blobPath(), "Range: bytes=0-1", "Range: bytes=3-4")
                            .status())
                    .isEqualTo(200);
        }

        @Test
        void emptyBlobHasNoRange() throws IOException {
            Digest empty = store.put(new byte[0]);
            assertThat(client.get("/v2/a/blobs/" + empty, "Range: bytes=0-").status())
                    .isEqualTo(416);
        }
    }

    @Nested
    class Filters {
        @Test
        void registriesThatAreNotMirroredAreUnknown() throws Exception {
            restart(RegistryConfig.DEFAULTS.withFilter(RegistryFilter.of(List.of("docker.io"), List.of())));
            assertError(client.get("/v2/" + REPOSITORY + "/manifests/1.0" + NS), 404, "MANIFEST_UNKNOWN");
            assertError(client.get(blobPath() + NS), 404, "BLOB_UNKNOWN");
            assertThat(client.get(blobPath() + "?ns=docker.io").status()).isEqualTo(200);
        }

        @Test
        void patternsRefuse() throws Exception {
            restart(RegistryConfig.DEFAULTS.withFilter(
                    RegistryFilter.of(List.of(), List.of(Pattern.compile(":latest$"), Pattern.compile("/secret/")))));
            store.tag(
                    new TagReference(SampleImages.TAG.registry(), REPOSITORY, "latest"),
                    IMAGE.target().digest());
            assertError(client.get("/v2/" + REPOSITORY + "/manifests/latest" + NS), 404, "MANIFEST_UNKNOWN");
            assertThat(client.get("/v2/" + REPOSITORY + "/manifests/1.0" + NS).status())
                    .isEqualTo(200);
            assertError(client.get("/v2/my/secret/app/blobs/" + blob + NS), 404, "BLOB_UNKNOWN");
        }
    }

    @Nested
    class Authentication {
        @BeforeEach
        void wantCredentials() throws Exception {
            restart(RegistryConfig.DEFAULTS.withCredentials(new BasicCredentials("mirror", "s3cret:ü")));
        }

        private String basic(String pair) {
            return "Authorization: Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
        }

        @Test
        void rightCredentialsGetIn() throws IOException {
            assertThat(client.get("/v2/", basic("mirror:s3cret:ü")).status()).isEqualTo(200);
            assertThat(client.get(blobPath() + NS, basic("mirror:s3cret:ü")).body())
                    .isEqualTo(BLOB);
        }

        @Test
        void wrongOrMissingOnesDoNot() throws IOException {
            for (String header : List.of(
                    basic("mirror:wrong"),
                    basic("other:s3cret:ü"),
                    basic(""),
                    "Authorization: Basic !!!",
                    "Authorization: Bearer x",
                    "Authorization: Basic",
                    "X-Nothing: there")) {
                RawHttp.Answer answer = client.get("/v2/", header);
                assertError(answer, 401, "UNAUTHORIZED");
                assertThat(answer.header("WWW-Authenticate"))
                        .hasValueSatisfying(v -> assertThat(v).startsWith("Basic "));
                assertError(client.get(blobPath(), header), 401, "UNAUTHORIZED");
            }
        }

        @Test
        void containerdGetsNoChallengeThatWouldMakeItShowItsUsersPassword() throws IOException {
            RawHttp.Answer answer = client.get(blobPath() + NS);
            assertError(answer, 401, "UNAUTHORIZED");
            assertThat(answer.header("WWW-Authenticate")).isEmpty();
        }
    }
}
