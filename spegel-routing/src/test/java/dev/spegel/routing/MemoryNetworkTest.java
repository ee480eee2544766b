package dev.spegel.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MemoryNetworkTest {
    private static final Duration LIFETIME = Duration.ofMinutes(1);

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // about to wrap
    private final MemoryNetwork network = new MemoryNetwork(LIFETIME, nanos::get);

    private static Peer peer(String id) {
        return new Peer(id, List.of(InetAddress.getLoopbackAddress()), 5000, Optional.empty());
    }

    @Test
    void expiredEntriesTakeNoMemoryForEver() throws Exception {
        try (MemoryRouter router = network.join(peer("a"))) {
            for (int lifetime = 0; lifetime < 10; lifetime++) {
                for (int key = 0; key < 100; key++) {
                    router.advertise(List.of(new Key("key " + lifetime + "/" + key)));
                }
                nanos.addAndGet(LIFETIME.toNanos());
            }
            router.advertise(List.of(new Key("last")));
            assertThat(network.keysHeld()).isOne();
        }
    }

    @Test
    void nothingIsLeftOfANodeThatLeft() throws Exception {
        MemoryRouter router = network.join(peer("a"));
        router.advertise(List.of(new Key("key")));
        router.close();
        assertThat(network.keysHeld()).isZero();
        assertThatThrownBy(() -> network.add(peer("a"), List.of(new Key("key"))))
                .isInstanceOf(RoutingException.class);
        assertThat(network.keysHeld()).isZero();
    }

    @Test
    void withdrawnEntriesTakeNoMemory() throws Exception {
        try (MemoryRouter router = network.join(peer("a"))) {
            router.advertise(List.of(new Key("key")));
            router.withdraw(List.of(new Key("key")));
            assertThat(network.keysHeld()).isZero();
        }
    }
}
