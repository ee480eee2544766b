package dev.spegel.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StaticRouterConfigTest {
    private static final PeerAddress PEER = new PeerAddress("node", 5000);

    private static StaticRouterConfig.Builder builder() {
        return new StaticRouterConfig.Builder(List.of(PEER));
    }

    private static List<PeerAddress> peers(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new PeerAddress("node-" + i, 5000))
                .toList();
    }

    @Test
    void aPeerListedTwiceIsOnePeer() {
        assertThat(StaticRouterConfig.of(List.of(PEER, PEER)).peers()).containsExactly(PEER);
    }

    @Test
    void takesAHandfulOfPeersAndNotNone() {
        assertThat(StaticRouterConfig.of(peers(64)).peers()).hasSize(64);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StaticRouterConfig.of(peers(65)))
                .withMessage("a static router has 1 to 64 peers, got 65");
        assertThatIllegalArgumentException().isThrownBy(() -> StaticRouterConfig.of(List.of()));
    }

    @Test
    void refusesLimitsThatLimitEverything() {
        for (StaticRouterConfig.Builder wrong : List.of(
                builder().peerLimit(Duration.ZERO),
                builder().foundLifetime(Duration.ZERO),
                builder().missLifetime(Duration.ofMillis(-1)),
                builder().maxCachedKeys(0),
                builder().maxSearches(0),
                builder().self(InetSocketAddress.createUnresolved("node", 5000)))) {
            assertThatIllegalArgumentException().isThrownBy(wrong::build);
        }
    }

    @Test
    void showsNoPassword() {
        StaticRouterConfig config =
                builder().credentials(new BasicCredentials("user", "secret")).build();
        assertThat(config.toString()).contains("user").doesNotContain("secret");
    }
}
