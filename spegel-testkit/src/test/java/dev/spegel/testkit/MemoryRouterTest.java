package dev.spegel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.spegel.routing.Key;
import dev.spegel.routing.Lookup;
import dev.spegel.routing.MemoryNetwork;
import dev.spegel.routing.MemoryRouter;
import dev.spegel.routing.Peer;
import dev.spegel.routing.Router;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MemoryRouterTest extends RouterContract {
    private static final Key KEY = new Key("key");
    private static final Duration LIFETIME = Duration.ofMinutes(19);

    private final ManualClock clock = new ManualClock();
    private final MemoryNetwork expiring = new MemoryNetwork(LIFETIME, clock);

    private static Peer peer(int node) {
        return new Peer("node-" + node, List.of(InetAddress.getLoopbackAddress()), 5000 + node, Optional.empty());
    }

    @Override
    protected Network networkOf(int nodes) {
        MemoryNetwork memory = new MemoryNetwork();
        List<MemoryRouter> routers = new ArrayList<>();
        for (int node = 0; node < nodes; node++) {
            routers.add(memory.join(peer(node)));
        }
        return new Network() {
            @Override
            public Router router(int node) {
                return routers.get(node);
            }

            @Override
            public String peerId(int node) {
                return routers.get(node).self().id();
            }

            @Override
            public void close() {
                routers.forEach(Router::close);
            }
        };
    }

    private static Lookup.Next first(Router router) throws InterruptedException {
        try (Lookup lookup = router.lookup(KEY, 1)) {
            return lookup.next(Duration.ZERO);
        }
    }

    @Test
    void anEntryLivesForItsLifetimeAndNotLonger() throws Exception {
        try (Router holder = expiring.join(peer(1));
                Router other = expiring.join(peer(2))) {
            holder.advertise(List.of(KEY));
            clock.advance(LIFETIME.minusNanos(1));
            assertThat(first(other)).isEqualTo(new Lookup.Found(peer(1)));
            clock.advance(Duration.ofNanos(1));
            assertThat(first(other)).isInstanceOf(Lookup.Ended.class);
        }
    }

    @Test
    void advertisingAgainAtTheIntervalKeepsAnEntry() throws Exception {
        try (Router holder = expiring.join(peer(1));
                Router other = expiring.join(peer(2))) {
            for (int i = 0; i < 5; i++) {
                holder.advertise(List.of(KEY));
                clock.advance(holder.advertisementInterval());
            }
            assertThat(first(other)).isEqualTo(new Lookup.Found(peer(1)));
        }
    }

    @Test
    void aRouterThatLeavesTakesItsEntriesAlong() throws Exception {
        try (Router other = expiring.join(peer(2))) {
            Router holder = expiring.join(peer(1));
            holder.advertise(List.of(KEY));
            holder.close();
            assertThat(first(other)).isInstanceOf(Lookup.Ended.class);
            assertThat(other.ready()).isFalse();
            expiring.join(peer(1)).close(); // and its ID is free again
        }
    }

    @Test
    void twoMembersNeverShareAnId() {
        try (Router first = expiring.join(peer(1))) {
            assertThat(first.ready()).isFalse();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> expiring.join(peer(1)).close())
                    .withMessageContaining("\"node-1\"");
        }
    }
}
