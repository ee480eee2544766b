package dev.spegel.interop;

import static dev.spegel.interop.Program.GO;
import static dev.spegel.interop.Program.JAVA;
import static dev.spegel.interop.Program.JS;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Nodes of three implementations that do all sorts of things for a while, beside some that do nothing. How long is a matter of
 * {@code -Dspegel.interop.traffic}: two minutes are more than any keepalive or stream time limit of go-libp2p, and ten are a
 * period of its routing table's refresh.
 */
class TrafficIT {
    private static final Duration WHILE = Duration.parse(System.getProperty("spegel.interop.traffic", "PT2M"));

    @Test
    void everybodyKeepsEverybodyMeanwhile() throws Exception {
        try (Network busy = Network.create();
                Network idle = Network.create()) {
            Peer quiet = idle.start(JAVA);
            List<Peer> idlers =
                    List.of(idle.start(GO, "--security", "noise"), idle.start(GO, "--security", "tls"), idle.start(JS));
            for (Peer idler : idlers) {
                ProvidersIT.meet(quiet, idler);
            }

            List<Peer> peers = List.of(
                    busy.start(GO),
                    busy.start(JAVA),
                    busy.start(GO),
                    busy.start(JAVA),
                    busy.start(GO),
                    busy.start(JAVA),
                    busy.start(JS));
            for (Peer peer : peers.subList(1, peers.size())) {
                ProvidersIT.meet(peer, peers.get(0));
            }
            Traffic traffic = new Traffic(peers, System.nanoTime());
            traffic.run(WHILE);
            System.out.println(traffic.report());

            assertThat(traffic.failures()).as(traffic.report()).isEmpty();
            for (Peer peer : peers) {
                for (Peer other : peers) {
                    if (peer != other) {
                        assertThat(peer.everLost(other))
                                .as("%s lost %s", peer, other)
                                .isFalse();
                        assertThat(peer.table()).as("table of %s", peer).contains(other.id());
                    }
                }
            }
            for (Peer idler : idlers) {
                assertThat(idler.everLost(quiet)).isFalse();
                assertThat(idler.links(quiet)).singleElement().satisfies(link -> {
                    assertThat(link.outbound()).isFalse();
                    assertThat(link.seconds()).isGreaterThanOrEqualTo((int) WHILE.toSeconds());
                });
                assertThat(quiet.ping(idler)).isPositive();
            }
        }
    }
}
