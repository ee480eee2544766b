package dev.spegel.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.TagReference;
import dev.spegel.routing.BasicCredentials;
import dev.spegel.routing.Key;
import dev.spegel.routing.Lookup;
import dev.spegel.routing.PeerAddress;
import dev.spegel.routing.RotatingCredentials;
import dev.spegel.routing.Router;
import dev.spegel.routing.StaticRouter;
import dev.spegel.routing.StaticRouterConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StaticRouterTest extends RouterContract {
    /** More than a test takes. */
    private static final Duration LONG = Duration.ofSeconds(60);

    private static final byte[] BLOB = "a layer".getBytes(UTF_8);
    private static final Digest DIGEST = Digest.ofSha256(BLOB);
    private static final Key KEY = Key.of(DIGEST);

    private final ManualClock clock = new ManualClock();
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private FaultyPeer a;
    private FaultyPeer b;

    @BeforeEach
    void start() throws IOException {
        a = FaultyPeer.start();
        b = FaultyPeer.start();
    }

    @AfterEach
    void close() {
        a.close();
        b.close();
        executor.shutdownNow();
    }

    /** Each node is a server that has content, and a router that asks all of them. */
    @Override
    protected Network networkOf(int nodes) throws Exception {
        List<FaultyPeer> servers = new ArrayList<>();
        for (int node = 0; node < nodes; node++) {
            servers.add(FaultyPeer.start());
        }
        List<PeerAddress> all = servers.stream()
                .map(server -> PeerAddress.parse(server.hostAndPort()))
                .toList();
        List<Router> routers = new ArrayList<>();
        for (FaultyPeer server : servers) {
            StaticRouterConfig config = new StaticRouterConfig.Builder(all)
                    .self(server.peer().registryAddresses().get(0))
                    .peerLimit(limit()) // on a busy machine too
                    .foundLifetime(Duration.ofMillis(50)) // so that the contract sees changes soon
                    .missLifetime(Duration.ofMillis(5))
                    .build();
            routers.add(new StaticRouter(config, executor, System::nanoTime));
        }
        return new Network() {
            @Override
            public Router router(int node) {
                return routers.get(node);
            }

            @Override
            public String peerId(int node) {
                return servers.get(node).hostAndPort();
            }

            @Override
            public void advertise(int node, Key... keys) {
                for (Key key : keys) {
                    if (key.text().startsWith("sha256:")) {
                        servers.get(node).addAs(Digest.parse(key.text()), MediaType.OCTET_STREAM, BLOB);
                    } else {
                        Digest manifest = servers.get(node).add(MediaType.OCI_MANIFEST, "{}".getBytes(UTF_8));
                        servers.get(node).tag(new TagReference("example.com:5000", "team/app", "1.0"), manifest);
                    }
                }
            }

            @Override
            public void withdraw(int node, Key... keys) {
                for (Key key : keys) {
                    servers.get(node).remove(Digest.parse(key.text()));
                }
            }

            @Override
            public void close() {
                routers.forEach(Router::close);
                servers.forEach(FaultyPeer::close);
            }
        };
    }

    private StaticRouterConfig.Builder config(FaultyPeer... peers) {
        return new StaticRouterConfig.Builder(List.of(peers).stream()
                        .map(peer -> PeerAddress.parse(peer.hostAndPort()))
                        .toList())
                .peerLimit(LONG);
    }

    private StaticRouter router(StaticRouterConfig.Builder config) {
        return new StaticRouter(config.build(), executor, clock);
    }

    /** The router of this test asks its probe first, which isn't what the test is about. */
    private StaticRouter routerOnceProbed(StaticRouterConfig.Builder config, FaultyPeer... peers) throws Exception {
        StaticRouter router = router(config);
        for (FaultyPeer peer : peers) {
            peer.awaitRequests(1, limit());
        }
        return router;
    }

    private static List<SeenRequest> lookups(FaultyPeer peer) {
        return peer.requests().stream()
                .filter(request -> !request.target().equals("/v2/"))
                .toList();
    }

    private List<String> find(Router router, Key key) throws InterruptedException {
        try (Lookup lookup = router.lookup(key, 10)) {
            return rest(lookup);
        }
    }

    private List<String> rest(Lookup lookup) throws InterruptedException {
        List<String> found = new ArrayList<>();
        Lookup.Next next = lookup.next(limit());
        while (next instanceof Lookup.Found peer) {
            found.add(peer.peer().id());
            next = lookup.next(limit());
        }
        assertThat(next).isInstanceOf(Lookup.Ended.class);
        return found;
    }

    @Test
    void asksForADigestAsABlobThenAsAManifest() throws Exception {
        try (StaticRouter router = routerOnceProbed(config(a), a)) {
            assertThat(find(router, KEY)).isEmpty();
            assertThat(lookups(a)).extracting(SeenRequest::method).containsOnly("HEAD");
            assertThat(lookups(a))
                    .extracting(SeenRequest::target)
                    .containsExactly("/v2/spegel/lookup/blobs/" + DIGEST, "/v2/spegel/lookup/manifests/" + DIGEST);
            assertThat(lookups(a)).allSatisfy(request -> {
                assertThat(request.header("X-Spegel-Mirrored")).contains("true");
                assertThat(request.header("Authorization")).isEmpty();
            });
        }
    }

    @Test
    void findsAManifestByItsDigest() throws Exception {
        Digest manifest = a.add(MediaType.OCI_MANIFEST, "{}".getBytes(UTF_8));
        try (StaticRouter router = router(config(a))) {
            assertThat(find(router, Key.of(manifest))).containsExactly(a.hostAndPort());
        }
    }

    @Test
    void asksForATagWithItsRegistryEncoded() throws Exception {
        try (StaticRouter router = routerOnceProbed(config(a), a)) {
            assertThat(find(router, Key.of(new TagReference("[::1]:5000", "team/app", "1.0"))))
                    .isEmpty();
            assertThat(lookups(a))
                    .extracting(SeenRequest::target)
                    .containsExactly("/v2/team/app/manifests/1.0?ns=%5B%3A%3A1%5D%3A5000");
        }
    }

    @Test
    void nobodyIsAskedForAKeyThatNamesNothing() throws Exception {
        try (StaticRouter router = routerOnceProbed(config(a), a)) {
            for (String key :
                    List.of("x", "sha256:abc", "example.com/app", "example.com:5000/app", "example.com/APP:1")) {
                assertThat(find(router, new Key(key))).isEmpty();
            }
            assertThat(lookups(a)).isEmpty();
        }
    }

    @Test
    void showsItsCredentials() throws Exception {
        BasicCredentials credentials = new BasicCredentials("node", "p:ss");
        try (StaticRouter router = routerOnceProbed(config(a).credentials(credentials), a)) {
            find(router, KEY);
            assertThat(a.requests())
                    .allSatisfy(request ->
                            assertThat(request.header("Authorization")).contains("Basic bm9kZTpwOnNz"));
            assertThat(credentials.toString()).doesNotContain("p:ss");
        }
    }

    @Test
    void aPeerThatRefusesTheNewestPairIsShownTheOneBefore() throws Exception {
        a.addBlob(BLOB);
        BasicCredentials old = new BasicCredentials("node", "old");
        BasicCredentials newest = new BasicCredentials("node", "new");
        RotatingCredentials credentials = new RotatingCredentials(old, Duration.ofHours(1), System::nanoTime);
        try (StaticRouter router = routerOnceProbed(config(a).credentials(credentials), a)) {
            credentials.rotate(newest);
            a.enqueue(new Fault.Answer(401));
            assertThat(find(router, KEY)).containsExactly(a.hostAndPort());
            assertThat(lookups(a))
                    .extracting(request -> request.header("Authorization").orElseThrow())
                    .containsExactly(newest.headerValue(), old.headerValue());
        }
    }

    @Test
    void theFirstToAnswerComesFirst() throws Exception {
        a.addBlob(BLOB);
        b.addBlob(BLOB);
        try (StaticRouter router = routerOnceProbed(config(a, b), a, b)) {
            a.enqueue(new Fault.StallBeforeHeaders());
            try (Lookup lookup = router.lookup(KEY, 2)) {
                assertThat(lookup.next(limit())).isEqualTo(new Lookup.Found(b.peer()));
                assertThat(lookup.next(Duration.ZERO)).isInstanceOf(Lookup.TimedOut.class);
            }
        }
    }

    @Test
    void aPeerThatStallsIsGivenUpAtTheLimit() throws Exception {
        b.addBlob(BLOB);
        try (StaticRouter router = routerOnceProbed(config(a, b).peerLimit(Duration.ofSeconds(2)), a, b)) {
            a.behave(new Fault.StallBeforeHeaders());
            assertThat(find(router, KEY)).containsExactly(b.hostAndPort());
        }
    }

    @Test
    void otherAnswersThan200AreANo() throws Exception {
        a.addBlob(BLOB);
        b.addBlob(BLOB);
        try (StaticRouter router = routerOnceProbed(config(a, b).missLifetime(Duration.ofNanos(1)), a, b)) {
            for (Fault fault : List.of(
                    new Fault.Answer(500),
                    new Fault.Answer(429),
                    new Fault.Answer(401),
                    new Fault.Answer(204),
                    Fault.Answer.redirectTo("http://" + b.hostAndPort() + "/v2/app/blobs/" + DIGEST),
                    new Fault.Answer(200, Map.of("Docker-Content-Digest", "sha256:other")))) {
                a.enqueue(fault);
                b.enqueue(fault);
                assertThat(find(router, KEY)).as("%s", fault).isEmpty();
                clock.advance(Duration.ofSeconds(1));
            }
            assertThat(find(router, KEY)).hasSize(2);
        }
    }

    @Test
    void aPeerThatIsDownHidesNobody() throws Exception {
        b.addBlob(BLOB);
        a.refuse();
        try (StaticRouter router = routerOnceProbed(config(a, b), b)) {
            assertThat(find(router, KEY)).containsExactly(b.hostAndPort());
            assertThat(router.ready()).isTrue();
            assertThat(router.peers()).containsExactly(b.peer());
        }
    }

    @Test
    void resultsAreSharedForTheirLifetimeAndNotLonger() throws Exception {
        a.addBlob(BLOB);
        try (StaticRouter router = routerOnceProbed(config(a), a)) {
            assertThat(find(router, KEY)).hasSize(1);
            clock.advance(Duration.ofSeconds(5).minusNanos(1));
            assertThat(find(router, KEY)).hasSize(1);
            assertThat(lookups(a)).hasSize(1);
            clock.advance(Duration.ofNanos(1));
            assertThat(find(router, KEY)).hasSize(1);
            assertThat(lookups(a)).hasSize(2);
        }
    }

    @Test
    void missesAreForgottenSooner() throws Exception {
        try (StaticRouter router = routerOnceProbed(config(a), a)) {
            assertThat(find(router, KEY)).isEmpty();
            a.addBlob(BLOB);
            clock.advance(Duration.ofMillis(500).minusNanos(1));
            assertThat(find(router, KEY)).isEmpty();
            clock.advance(Duration.ofNanos(1));
            assertThat(find(router, KEY)).containsExactly(a.hostAndPort());
        }
    }

    @Test
    void oneQuestionServesAllWhoWaitAndOutlivesTheFirst() throws Exception {
        a.addBlob(BLOB);
        b.addBlob(BLOB);
        try (StaticRouter router = routerOnceProbed(config(a, b).peerLimit(Duration.ofSeconds(2)), a, b)) {
            a.enqueue(new Fault.StallBeforeHeaders());
            Lookup first = router.lookup(KEY, 10);
            Lookup second = router.lookup(KEY, 10);
            Thread reader = Thread.currentThread();
            assertThat(first.next(limit())).isEqualTo(new Lookup.Found(b.peer()));
            reader.interrupt();
            assertThat(catchThrowable(() -> first.next(limit()))).isInstanceOf(InterruptedException.class);
            first.close();
            try (Lookup third = router.lookup(KEY, 10)) {
                assertThat(rest(second)).containsExactly(b.hostAndPort());
                assertThat(rest(third)).containsExactly(b.hostAndPort());
            }
            assertThat(lookups(a)).hasSize(1);
            assertThat(lookups(b)).hasSize(1);
        }
    }

    @Test
    void closingTheRouterWakesWhoWaits() throws Exception {
        StaticRouter router = routerOnceProbed(config(a), a);
        a.behave(new Fault.StallBeforeHeaders());
        Lookup lookup = router.lookup(KEY, 10);
        var waiting = executor.submit(() -> lookup.next(LONG));
        a.awaitRequests(2, limit());
        router.close();
        assertThat(waiting.get()).isInstanceOf(Lookup.Ended.class);
    }

    @Test
    void atTheBoundOfSearchesALookupEndsAtOnce() throws Exception {
        a.addBlob(BLOB);
        try (StaticRouter router = routerOnceProbed(config(a).maxSearches(1), a)) {
            a.enqueue(new Fault.StallBeforeHeaders());
            Key other = Key.of(Digest.ofSha256("other".getBytes(UTF_8)));
            try (Lookup running = router.lookup(other, 1)) {
                a.awaitRequests(2, limit());
                assertThat(running.next(Duration.ZERO)).isInstanceOf(Lookup.TimedOut.class);
                assertThat(find(router, KEY)).isEmpty();
                try (Lookup shared = router.lookup(other, 1)) {
                    assertThat(shared.next(Duration.ZERO)).isInstanceOf(Lookup.TimedOut.class);
                }
                assertThat(lookups(a)).hasSize(1);
            }
        }
    }

    @Test
    void theResultLeastRecentlyAskedForIsForgottenFirst() throws Exception {
        Key[] keys = new Key[3];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = Key.of(a.addBlob(("blob " + i).getBytes(UTF_8)));
        }
        try (StaticRouter router = routerOnceProbed(config(a).maxCachedKeys(2), a)) {
            find(router, keys[0]);
            find(router, keys[1]);
            find(router, keys[0]);
            find(router, keys[2]);
            assertThat(lookups(a)).hasSize(3);
            find(router, keys[0]);
            assertThat(lookups(a)).hasSize(3);
            find(router, keys[1]);
            assertThat(lookups(a)).hasSize(4);
        }
    }

    @Test
    void isNotReadyWhileNoPeerAnswers() throws Exception {
        a.refuse();
        try (StaticRouter router = router(config(a))) {
            assertThat(find(router, KEY)).isEmpty();
            assertThat(router.ready()).isFalse();
            a.listen();
            clock.advance(Duration.ofSeconds(10));
            router.ready(); // asks in the background
            assertReady(router, true);
            a.refuse();
            clock.advance(Duration.ofSeconds(10));
            router.ready();
            assertReady(router, false);
        }
    }

    private void assertReady(StaticRouter router, boolean ready) {
        long end = System.nanoTime() + limit().toNanos();
        while (router.ready() != ready) {
            assertThat(end - System.nanoTime()).as("ready within the limit").isPositive();
            Thread.onSpinWait();
        }
    }

    @Test
    void aPeerThatRefusesTheCredentialsMakesNobodyReady() throws Exception {
        a.behave(new Fault.Answer(401));
        try (StaticRouter router = routerOnceProbed(config(a), a)) {
            assertThat(find(router, KEY)).isEmpty();
            assertThat(router.ready()).isFalse();
        }
    }

    @Test
    void withTheWildcardAsItsOwnEveryAddressOfThisMachineIsItsOwn() throws Exception {
        a.addBlob(BLOB);
        b.addBlob(BLOB);
        int port = a.peer().registryPort();
        try (StaticRouter router = routerOnceProbed(config(a, b).self(new InetSocketAddress(port)), b)) {
            assertThat(find(router, KEY)).containsExactly(b.hostAndPort());
            assertThat(a.requests()).isEmpty();
        }
    }

    @Test
    void aNameIsResolvedAndOneThatIsNotThereHidesNobody() throws Exception {
        a.addBlob(BLOB);
        String byName = "localhost:" + a.peer().registryPort();
        StaticRouterConfig.Builder config = new StaticRouterConfig.Builder(
                List.of(PeerAddress.parse(byName), PeerAddress.parse("nobody.invalid:5000")));
        try (StaticRouter router = router(config.peerLimit(limit()))) {
            assertThat(find(router, KEY)).containsExactly(byName);
        }
    }

    @Test
    void anExecutorThatRefusesWorkEndsTheSearch() throws Exception {
        StaticRouterConfig config = config(a).build();
        try (StaticRouter router = new StaticRouter(
                config,
                task -> {
                    throw new RejectedExecutionException("full");
                },
                clock)) {
            assertThat(find(router, KEY)).isEmpty();
            assertThat(router.ready()).isFalse();
        }
    }
}
