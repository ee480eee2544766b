package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.oci.Digest;
import dev.spegel.oci.store.MemoryStore;
import dev.spegel.registry.AnsweredRequest.Kind;
import dev.spegel.registry.AnsweredRequest.Source;
import dev.spegel.testkit.Fault;
import dev.spegel.testkit.FaultyPeer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.LifeCycle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a listener hears of requests. */
class RequestListenerTest {
    private static final byte[] OWN = "here".getBytes(StandardCharsets.UTF_8);
    private static final byte[] ELSEWHERE = "at the peer's".getBytes(StandardCharsets.UTF_8);
    private static final byte[] NOWHERE = {};

    private FaultyPeer peer;
    private TestRegistry registry;

    @BeforeEach
    void start() throws Exception {
        peer = FaultyPeer.start();
        peer.addBlob(ELSEWHERE);
        registry = new TestRegistry(RegistryConfig.DEFAULTS, MemoryStore.of(OWN), new OrderedRouter(peer.peer()));
    }

    @AfterEach
    void stop() {
        registry.close();
        peer.close();
    }

    private static String blob(byte[] content) {
        return "/v2/team/app/blobs/" + Digest.ofSha256(content) + "?ns=registry.example";
    }

    /** The client may have its answer before the listener hears of it. */
    private AnsweredRequest heard() {
        await().until(() -> registry.answered.size() == 1);
        return registry.answered.get(0);
    }

    @Test
    void ownContentIsTheStores() throws Exception {
        registry.client().get(blob(OWN));
        AnsweredRequest heard = heard();
        assertThat(heard.method()).isEqualTo("GET");
        assertThat(heard.registry()).contains("registry.example");
        assertThat(heard.repository()).isEqualTo("team/app");
        assertThat(heard.reference()).isEqualTo(Digest.ofSha256(OWN).toString());
        assertThat(heard.kind()).isEqualTo(Kind.BLOB);
        assertThat(heard.ofOtherNode()).isFalse();
        assertThat(heard.source()).isEqualTo(Source.STORE);
        assertThat(heard.servedBy()).isEmpty();
        assertThat(heard.status()).isEqualTo(200);
        assertThat(heard.bodyBytes()).isEqualTo(OWN.length);
        assertThat(heard.elapsed()).isPositive();
        assertThat(heard.whyNot()).isEmpty();
    }

    @Test
    void anotherNodesContentNamesThatNode() throws Exception {
        registry.client().get(blob(ELSEWHERE));
        AnsweredRequest heard = heard();
        assertThat(heard.source()).isEqualTo(Source.PEER);
        assertThat(heard.servedBy()).contains(peer.hostAndPort());
        assertThat(heard.bodyBytes()).isEqualTo(ELSEWHERE.length);
        assertThat(heard.whyNot()).isEmpty();
    }

    @Test
    void aMissSaysWhy() throws Exception {
        peer.behave(new Fault.Answer(503));
        registry.client().get("/v2/team/app/manifests/1.0?ns=registry.example");
        AnsweredRequest heard = heard();
        assertThat(heard.kind()).isEqualTo(Kind.MANIFEST);
        assertThat(heard.reference()).isEqualTo("1.0");
        assertThat(heard.source()).isEqualTo(Source.NOBODY);
        assertThat(heard.status()).isEqualTo(404);
        assertThat(heard.whyNot())
                .hasValueSatisfying(reason -> assertThat(reason).contains("503"));
    }

    @Test
    void anotherNodesMissIsToldApart() throws Exception {
        registry.client().get(blob(NOWHERE), "X-Spegel-Mirrored: true");
        AnsweredRequest heard = heard();
        assertThat(heard.ofOtherNode()).isTrue();
        assertThat(heard.source()).isEqualTo(Source.NOBODY);
        assertThat(heard.whyNot()).contains("this node doesn't have it");
    }

    @Test
    void aBodyThatBreaksOffIsHeardOfWithItsReason() throws Exception {
        byte[] large = new byte[8 * 1024 * 1024];
        peer.addBlob(large);
        peer.behave(new Fault.CutAt(5 * 1024 * 1024));
        registry.client().get(blob(large));
        AnsweredRequest heard = heard();
        assertThat(heard.source()).isEqualTo(Source.PEER);
        assertThat(heard.servedBy()).contains(peer.hostAndPort());
        assertThat(heard.status()).isEqualTo(200);
        assertThat(heard.bodyBytes()).isPositive().isLessThan(large.length);
        assertThat(heard.whyNot()).isPresent();
    }

    @Test
    void whatIsNoRequestForContentIsNotHeardOf() throws Exception {
        registry.client().get("/v2/");
        registry.client().get("/v2/team/app/blobs/nonsense");
        registry.client().get(blob(OWN));
        assertThat(heard().reference()).isEqualTo(Digest.ofSha256(OWN).toString());
    }

    @Test
    void aListenerThatFailsChangesNothing() throws Exception {
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(new RegistryHandler(
                RegistryConfig.DEFAULTS,
                MemoryStore.of(OWN),
                new OrderedRouter(peer.peer()),
                new SimpleMeterRegistry(),
                request -> {
                    throw new IllegalStateException("of no use");
                }));
        LifeCycle.start(server);
        try {
            RawHttp.Answer answer = new RawHttp(connector.getLocalPort()).get(blob(OWN));
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(OWN);
        } finally {
            LifeCycle.stop(server);
        }
    }
}
