package dev.spegel.routing.bootstrap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.routing.RoutingException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BootstrapDocumentTest {
    private static final String ID = "12D3KooWB1b3qZxWJanuhtseF3DmPggHCtG36KZ9ixkqHtdKH9fh";
    private static final String OTHER_ID = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";

    private static BootstrapPeer peer(Optional<String> id, String... addresses) {
        return new BootstrapPeer(
                id.map(PeerId::parse),
                Arrays.stream(addresses).map(Multiaddr::parse).toList());
    }

    private static List<BootstrapPeer> read(String json) throws RoutingException {
        return BootstrapDocument.read(json.getBytes(UTF_8));
    }

    @Test
    void writesWhatGoWrites() {
        byte[] json = BootstrapDocument.write(
                List.of(peer(Optional.of(ID), "/ip4/10.0.0.7/tcp/5001", "/ip6/fd00::7/tcp/5001")));
        assertThat(new String(json, UTF_8))
                .isEqualTo(
                        "[{\"ID\":\"" + ID + "\",\"Addrs\":[\"/ip4/10.0.0.7/tcp/5001\",\"/ip6/fd00::7/tcp/5001\"]}]");
    }

    @Test
    void readsWhatItWrites() throws Exception {
        List<BootstrapPeer> peers =
                List.of(peer(Optional.of(ID), "/ip4/10.0.0.7/tcp/5001"), peer(Optional.empty(), "/ip6/fd00::7"));
        assertThat(BootstrapDocument.read(BootstrapDocument.write(peers))).isEqualTo(peers);
    }

    @Test
    void theIdMayBeEmptyNullOrMissing() throws Exception {
        BootstrapPeer unknown = peer(Optional.empty(), "/ip4/10.0.0.7");
        for (String id : List.of("\"ID\":\"\",", "\"ID\":null,", "")) {
            assertThat(read("[{" + id + "\"Addrs\":[\"/ip4/10.0.0.7\"]}]")).containsExactly(unknown);
        }
    }

    @Test
    void readsNamesInAnyCaseAndSkipsUnknownFields() throws Exception {
        assertThat(read("[{\"more\":[{\"x\":1}],\"id\":\"" + ID + "\",\"addrs\":[\"/ip4/10.0.0.7\"]}]"))
                .containsExactly(peer(Optional.of(ID), "/ip4/10.0.0.7"));
    }

    @Test
    void readsTheFirstThreeOnly() throws Exception {
        String peer = "{\"Addrs\":[\"/ip4/10.0.0.%d\"]}";
        assertThat(read("[" + peer.formatted(1) + "," + peer.formatted(2) + "," + peer.formatted(3)
                        + ",{\"x\":[7]},8]"))
                .hasSize(3)
                .last()
                .isEqualTo(peer(Optional.empty(), "/ip4/10.0.0.3"));
    }

    @Test
    void leavesOutWhatItCannotRead() throws Exception {
        assertThat(read("[{\"ID\":\"?\",\"Addrs\":[\"/ip4/10.0.0.1\"]},{\"ID\":\"" + ID
                        + "\",\"Addrs\":[\"/carrier-pigeon/7\",\"/ip4/10.0.0.2/tcp/5001/p2p/" + ID
                        + "\",\"/ip4/10.0.0.3/p2p/" + OTHER_ID + "\"]}]"))
                .containsExactly(peer(Optional.of(ID), "/ip4/10.0.0.2/tcp/5001"));
    }

    @Test
    void noPeersIsAnAnswer() throws Exception {
        assertThat(read("[]")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "null",
                "[",
                "[7]",
                "[[]]",
                "[{\"Addrs\":7}]",
                "[{\"Addrs\":[7]}]",
                "[{\"ID\":{}}]",
                "[{}]",
                "[{\"Addrs\":[\"x\"]}]",
                "<html>"
            })
    void refusesAnythingElse(String json) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(RoutingException.class)
                .hasMessageContaining("bootstrap peers");
    }

    @Test
    void refusesWhatIsTooDeepOrTooLong() {
        assertThatThrownBy(() -> read("[{\"x\":" + "[".repeat(100))).isInstanceOf(RoutingException.class);
        assertThatThrownBy(() -> read("[" + " ".repeat(BootstrapDocument.MAX_BYTES)))
                .isInstanceOf(RoutingException.class)
                .hasMessageContaining("1048577");
    }
}
