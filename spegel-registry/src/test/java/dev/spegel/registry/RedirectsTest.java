package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.spegel.oci.Digest;
import dev.spegel.oci.store.MemoryStore;
import dev.spegel.routing.BasicCredentials;
import dev.spegel.routing.Peer;
import dev.spegel.testkit.Fault;
import dev.spegel.testkit.FaultyPeer;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import dev.spegel.testkit.SeenRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A node that sends its containerd to another node for blobs, and what that one makes of it. */
class RedirectsTest {
    /** More than sockets hold: a client that doesn't read keeps it from being sent. */
    private static final byte[] LARGE = new byte[32 * 1024 * 1024];

    static {
        new Random(1).nextBytes(LARGE);
    }

    private static final Digest DIGEST = Digest.ofSha256(LARGE);
    private static final String BLOB = "/v2/app/blobs/" + DIGEST + "?ns=registry.example";
    private static final String AT_PEER = BLOB + "&spegel-redirected=true";
    private static final RegistryConfig REDIRECTING = RegistryConfig.DEFAULTS.withMode(MirrorMode.REDIRECT);

    /** One stream at a time, and whoever comes second is told so at once. */
    private static final RegistryConfig NARROW =
            REDIRECTING.withUpload(new UploadConfig(1, Long.MAX_VALUE, Duration.ofMillis(1), Duration.ofSeconds(1)));

    private static Peer peer(TestRegistry registry) {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        return new Peer("node at port " + registry.port(), List.of(loopback), registry.port(), Optional.empty());
    }

    private static String urlAt(String hostAndPort) {
        return "http://" + hostAndPort + AT_PEER;
    }

    private static double count(TestRegistry registry, String meter) {
        return registry.meters.get(meter).counter().count();
    }

    /** A client that has read the first byte of the blob, and reads no further. */
    private static Socket begin(TestRegistry registry, String target) throws IOException {
        Socket socket = registry.client().open();
        socket.getOutputStream()
                .write("GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
                        .formatted(target)
                        .getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().read()).isEqualTo('H');
        return socket;
    }

    @Test
    void credentialsAndRedirectsExcludeEachOther() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> REDIRECTING.withCredentials(new BasicCredentials("user", "word")))
                .withMessageContaining("can't be redirected");
    }

    @Nested
    class TheMirror {
        private final SampleImage image = SampleImages.twoPlatforms();
        private FaultyPeer first;
        private FaultyPeer second;
        private TestRegistry mirror;

        @BeforeEach
        void start() throws Exception {
            first = FaultyPeer.start();
            second = FaultyPeer.start();
            mirror = new TestRegistry(REDIRECTING, new MemoryStore(), new OrderedRouter(first.peer(), second.peer()));
            for (FaultyPeer peer : List.of(first, second)) {
                peer.addBlob(LARGE);
                image.content().forEach(content -> peer.add(content.mediaType(), image.bytes(content.digest())));
            }
        }

        @AfterEach
        void stop() {
            mirror.close();
            first.close();
            second.close();
        }

        private void assertRedirected(RawHttp.Answer answer, FaultyPeer peer) {
            assertThat(answer.status()).isEqualTo(307);
            assertThat(answer.header("Location")).contains(urlAt(peer.hostAndPort()));
            assertThat(answer.header("Content-Length")).contains("0");
        }

        @Test
        void namesAPeerThatSaysItHasTheBlob() throws Exception {
            second.behave(new Fault.Answer(404));
            assertRedirected(mirror.client().get(BLOB), first);
            List<SeenRequest> asked = first.requests();
            assertThat(asked).hasSize(1);
            assertThat(asked.get(0).method()).isEqualTo("HEAD");
            assertThat(asked.get(0).target()).as("the very URL").isEqualTo(AT_PEER);
            assertThat(asked.get(0).header("X-Spegel-Mirrored")).contains("true");
            // counted after it is answered
            await().untilAsserted(() ->
                    assertThat(count(mirror, "spegel.mirror.redirects")).isEqualTo(1));
        }

        @Test
        void leavesTheRangeToThePeer() throws Exception {
            second.behave(new Fault.Answer(404));
            assertRedirected(mirror.client().get(BLOB, "Range: bytes=1000-"), first);
            assertThat(first.requests().get(0).header("Range")).isEmpty();
        }

        @Test
        void passesOverPeersThatFailOrAreBusy() throws Exception {
            first.behave(new Fault.CloseAfterAccept());
            assertRedirected(mirror.client().get(BLOB), second);
            first.behave(new Fault.Answer(429));
            assertRedirected(mirror.client().get(BLOB), second);
        }

        @Test
        void isAQuickMissWhereNobodyHasIt() throws Exception {
            first.behave(new Fault.Answer(404));
            second.behave(new Fault.Answer(404));
            RawHttp.Answer answer = mirror.client().get(BLOB);
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.text()).contains("BLOB_UNKNOWN", "no peer gave it");
            assertThat(count(mirror, "spegel.mirror.redirects")).isZero();
        }

        @Test
        void relaysManifests() throws Exception {
            Digest manifest = image.target().digest();
            RawHttp.Answer answer = mirror.client().get("/v2/app/manifests/" + manifest + "?ns=registry.example");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(image.bytes(manifest));
        }

        @Test
        void answersHeadItself() throws Exception {
            RawHttp.Answer answer = mirror.client().head(BLOB);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("Content-Length")).contains(Integer.toString(LARGE.length));
        }

        /** They may be where they can reach this node, and no other. */
        @Test
        void relaysToClientsThatAreNoContainerd() throws Exception {
            RawHttp.Answer answer = mirror.client().get("/v2/registry.example/app/blobs/" + DIGEST);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(LARGE);
        }

        @Test
        void neitherRelaysNorRedirectsWhoWasSentHere() throws Exception {
            assertThat(mirror.client().get(AT_PEER).status()).isEqualTo(404);
            assertThat(mirror.client().head(AT_PEER).status()).isEqualTo(404);
            assertThat(first.requests()).isEmpty();
            assertThat(second.requests()).isEmpty();
        }
    }

    @Nested
    class BetweenNodes {
        private final MemoryStore content = new MemoryStore();
        private TestRegistry holder;
        private TestRegistry mirror;

        @BeforeEach
        void start() throws Exception {
            content.put(LARGE);
            holder = new TestRegistry(NARROW, content, new OrderedRouter());
            mirror = new TestRegistry(NARROW, new MemoryStore(), new OrderedRouter(peer(holder)));
        }

        @AfterEach
        void stop() {
            mirror.close();
            holder.close();
        }

        @Test
        void thePeerServesWhatTheClientAsksFor() throws Exception {
            RawHttp.Answer redirect = mirror.client().get(BLOB, "Range: bytes=1000-");
            URI location = URI.create(redirect.header("Location").orElseThrow());
            assertThat(location.getPort()).isEqualTo(holder.port());
            RawHttp.Answer rest = new RawHttp(location.getPort())
                    .get(location.getRawPath() + "?" + location.getRawQuery(), "Range: bytes=1000-");
            assertThat(rest.status()).isEqualTo(206);
            assertThat(rest.body()).isEqualTo(Arrays.copyOfRange(LARGE, 1000, LARGE.length));
        }

        /** containerd asks its mirror again then: sent on, it may get another peer. */
        @Test
        void redirectedClientsCountAsUploads() throws Exception {
            try (Socket busy = begin(holder, AT_PEER)) {
                assertThat(busy.isConnected()).isTrue();
                assertThat(holder.client().get(AT_PEER).status()).isEqualTo(429);
                assertThat(holder.client().head(AT_PEER).status()).isEqualTo(429);
                assertThat(holder.client().head(BLOB, "X-Spegel-Mirrored: true").status())
                        .as("what a node asks for itself")
                        .isEqualTo(200);
                assertThat(holder.client().get(BLOB).body())
                        .as("the holder's own containerd")
                        .isEqualTo(LARGE);
            }
        }

        @Test
        void nobodyIsSentToABusyPeer() throws Exception {
            try (Socket busy = begin(holder, AT_PEER);
                    TestRegistry other = new TestRegistry(NARROW, content, new OrderedRouter());
                    TestRegistry choosing =
                            new TestRegistry(NARROW, new MemoryStore(), new OrderedRouter(peer(holder), peer(other)))) {
                assertThat(busy.isConnected()).isTrue();
                for (int i = 0; i < 8; i++) { // were both taken for free, all going to one would be chance: 1 in 256
                    assertThat(choosing.client().get(BLOB).header("Location"))
                            .contains(urlAt("127.0.0.1:" + other.port()));
                }
            }
        }
    }
}
