package dev.spegel.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InboundGateTest {
    private final HostConfig config =
            HostConfig.builder().connections(40, 40).maxPendingConnections(32).build();
    private int connections;
    private final InboundGate gate = new InboundGate(config, () -> connections);

    @BeforeEach
    void open() {
        gate.open();
    }

    private Optional<Runnable> admit(String ip) {
        return gate.admit(from(ip));
    }

    private static InetSocketAddress from(String ip) {
        return MemoryNetwork.socket("/%s/%s/tcp/40000".formatted(ip.contains(":") ? "ip6" : "ip4", ip));
    }

    @Test
    void nobodyComesInUntilItIsOpenOrOnceItIsClosed() {
        assertThat(new InboundGate(config, () -> 0).admit(from("10.0.0.1"))).isEmpty();
        gate.close();

        assertThat(admit("10.0.0.1")).isEmpty();
    }

    @Test
    void oneAddressGetsAShareOfThePlacesInTheMaking() {
        Optional<Runnable> first = admit("10.0.0.1");
        Optional<Runnable> second = admit("10.0.0.1");

        assertThat(first).isPresent();
        assertThat(second).isPresent();
        assertThat(admit("10.0.0.1")).isEmpty(); // 32 / 16
        assertThat(admit("10.0.0.2")).isPresent();
        first.orElseThrow().run();
        first.orElseThrow().run();
        assertThat(admit("10.0.0.1")).isPresent();
        assertThat(admit("10.0.0.1")).isEmpty();
    }

    @Test
    void aSecuredConnectionIsNoLongerInTheMakingButCountsForItsAddress() {
        List<Runnable> tickets = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            tickets.add(admit("10.0.0.1").orElseThrow());
            gate.secured(from("10.0.0.1").getAddress());
        }

        assertThat(admit("10.0.0.1")).isEmpty(); // 40 / 4
        tickets.get(0).run();
        gate.ended(from("10.0.0.1").getAddress());
        assertThat(admit("10.0.0.1")).isPresent();
    }

    @Test
    void anIp6NetworkIsOneAddress() {
        assertThat(admit("2001:db9:0:1::1")).isPresent();
        assertThat(admit("2001:db9:0:2::2")).isPresent();
        assertThat(admit("2001:db9:0:3::3")).isEmpty();
        assertThat(admit("2001:db9:1:1::1")).isPresent();
    }

    @Test
    void thisMachineMayTakeAllPlacesButNoMore() {
        for (int i = 0; i < 32; i++) {
            assertThat(admit(i % 2 == 0 ? "127.0.0.1" : "::1")).isPresent();
        }

        assertThat(admit("127.0.0.1")).isEmpty();
        assertThat(admit("10.0.0.1")).isEmpty();
    }

    @Test
    void nobodyComesInOnceThereAreEnough() {
        connections = 40;

        assertThat(admit("10.0.0.1")).isEmpty();
        assertThat(admit("127.0.0.1")).isEmpty();
    }
}
