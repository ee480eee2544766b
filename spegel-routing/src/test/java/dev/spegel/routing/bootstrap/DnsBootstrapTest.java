package dev.spegel.routing.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.routing.RoutingException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DnsBootstrapTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final ExecutorService executor = Executors.newCachedThreadPool();
    private DnsServer server;

    @BeforeEach
    void start() throws IOException {
        server = new DnsServer();
    }

    @AfterEach
    void stop() {
        server.close();
        executor.shutdownNow();
    }

    private DnsBootstrap bootstrap(String name) {
        return new DnsBootstrap(name, executor, new DnsQuery(server.url()));
    }

    private static List<String> addresses(List<BootstrapPeer> peers) {
        assertThat(peers).allSatisfy(peer -> assertThat(peer.id()).isEmpty());
        return peers.stream().map(peer -> peer.addresses().get(0).toString()).toList();
    }

    @Test
    void namesTheLowestThreeOfEachFamilyInOrder() throws Exception {
        server.set(
                "peers.test.",
                "10.0.0.10",
                "fd00::10",
                "10.0.0.9",
                "200.0.0.1",
                "fd00::2",
                "10.0.0.2",
                "fd00::1",
                "fe00::1");
        assertThat(addresses(bootstrap("peers.test").find(LONG)))
                .containsExactly(
                        "/ip4/10.0.0.2",
                        "/ip4/10.0.0.9",
                        "/ip4/10.0.0.10",
                        "/ip6/fd00::1",
                        "/ip6/fd00::2",
                        "/ip6/fd00::10");
    }

    @Test
    void oneFamilyIsEnough() throws Exception {
        server.set("peers.test.", "fd00::1");
        assertThat(addresses(bootstrap("peers.test.").find(LONG))).containsExactly("/ip6/fd00::1");
    }

    @Test
    void seesAChangeAtOnce() throws Exception {
        DnsBootstrap bootstrap = bootstrap("peers.test");
        server.set("peers.test.", "10.0.0.1");
        assertThat(addresses(bootstrap.find(LONG))).containsExactly("/ip4/10.0.0.1");
        server.set("peers.test.", "10.0.0.2");
        assertThat(addresses(bootstrap.find(LONG))).containsExactly("/ip4/10.0.0.2");
    }

    @Test
    void leavesToTheMachineWhatDnsDoesNotKnow() throws Exception {
        assertThat(addresses(bootstrap("localhost").find(LONG))).contains("/ip4/127.0.0.1");
    }

    @Test
    void aNameThatNobodyKnowsIsAnError() {
        assertThatThrownBy(() -> bootstrap("nobody.invalid").find(LONG))
                .isInstanceOf(RoutingException.class)
                .hasMessageContaining("nobody.invalid")
                .hasMessageContaining("can't be resolved");
    }

    @Test
    void aSilentServerIsWaitedForUntilTheLimitAndAskedOnceAtATime() throws Exception {
        server.fallSilent();
        DnsBootstrap bootstrap = bootstrap("peers.test");
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> bootstrap.find(Duration.ofMillis(20)))
                    .isInstanceOf(RoutingException.class)
                    .hasMessageContaining("wasn't resolved within PT0.02S");
        }
        assertThat(server.questions()).isBetween(1, 2);
    }

    @Test
    void aWaitCanBeInterrupted() throws Exception {
        server.fallSilent();
        ExecutorService waiter = Executors.newSingleThreadExecutor();
        try {
            Future<Throwable> outcome = waiter.submit(() -> {
                Thread.currentThread().interrupt();
                try {
                    return new AssertionError("found " + bootstrap("peers.test").find(LONG));
                } catch (InterruptedException e) {
                    return e;
                }
            });
            assertThat(outcome.get()).isInstanceOf(InterruptedException.class);
        } finally {
            waiter.shutdownNow();
        }
    }

    @Test
    void withoutAThreadItFails() {
        executor.shutdownNow();
        assertThatThrownBy(() -> bootstrap("peers.test").find(LONG))
                .isInstanceOf(RoutingException.class)
                .hasMessageContaining("no thread");
    }

    @Test
    void refusesWhatIsNoHostName() {
        for (String name : List.of("", ".", "a b", "dns:x", "a..b", "/etc", "a".repeat(64), "a.".repeat(128))) {
            assertThatIllegalArgumentException()
                    .as(name)
                    .isThrownBy(() -> bootstrap(name))
                    .withMessageContaining("needs a host name");
        }
    }
}
