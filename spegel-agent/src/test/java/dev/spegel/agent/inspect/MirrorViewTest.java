package dev.spegel.agent.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.agent.inspect.PeersReport.KnownPeer;
import dev.spegel.agent.inspect.PeersReport.Self;
import dev.spegel.registry.PeerLoad;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class MirrorViewTest {
    private static final KnownPeer HONEST = peer("honest");
    private static final KnownPeer LIAR = peer("liar");
    private static final NetworkView NETWORK = new NetworkView() {
        @Override
        public PeersReport peers() {
            return new PeersReport(new Self("libp2p", "self", true, List.of()), 2, List.of(HONEST, LIAR));
        }

        @Override
        public PeersReport known() {
            return peers();
        }

        @Override
        public LookupReport lookup(LookupRequest request) {
            throw new AssertionError("nobody looks anything up here");
        }
    };

    private static KnownPeer peer(String id) {
        return new KnownPeer(
                id,
                List.of("/ip4/10.0.0.7/tcp/5001"),
                List.of("10.0.0.7:5000"),
                "spegel",
                Optional.empty(),
                Optional.of(Duration.ofMillis(1)),
                true,
                Optional.of("zone-a"),
                Optional.empty(),
                Optional.empty());
    }

    @Test
    void peersInQuarantineAreMarkedAndThoseUnknownComeLast() throws Exception {
        MirrorView view = new MirrorView(
                NETWORK, Map::of, () -> Map.of("liar", Duration.ofSeconds(59), "gone", Duration.ofMinutes(2)));
        PeersReport report = view.peers();
        assertThat(report.known()).isEqualTo(3);
        assertThat(report.peers())
                .containsExactly(
                        HONEST,
                        LIAR.withMirror(Optional.empty(), Optional.of(Duration.ofSeconds(59))),
                        KnownPeer.named("gone").withMirror(Optional.empty(), Optional.of(Duration.ofMinutes(2))));
        assertThat(ReportJson.readPeers(ReportJson.write(report).getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(report);
    }

    @Test
    void peersThatWereAskedShowTheirLoad() throws Exception {
        PeerLoad fast = new PeerLoad(2, OptionalDouble.of(1e8), false, Optional.empty());
        PeerLoad busy = new PeerLoad(0, OptionalDouble.empty(), true, Optional.of(Duration.ofSeconds(3)));
        PeersReport report = new MirrorView(NETWORK, () -> Map.of("honest", fast, "liar", busy), Map::of).known();
        assertThat(report.peers())
                .containsExactly(
                        HONEST.withMirror(Optional.of(fast), Optional.empty()),
                        LIAR.withMirror(Optional.of(busy), Optional.empty()));
        assertThat(ReportJson.readPeers(ReportJson.write(report).getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(report);
    }

    @Test
    void nothingChangesWhereNobodyLied() throws Exception {
        assertThat(new MirrorView(NETWORK, Map::of, Map::of).peers()).isEqualTo(NETWORK.peers());
    }
}
