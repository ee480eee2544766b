package dev.spegel.interop;

import static dev.spegel.interop.Program.GO;
import static dev.spegel.interop.Program.JS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** That the harness and the two foreign programs work, by themselves: when a test with our node fails, this one says whose fault it is. */
class GoAndJsIT {
    @Test
    void findEachOthersProviders() throws Exception {
        try (Network network = Network.create()) {
            Peer go = network.start(GO);
            Peer js = network.start(JS);
            assertThat(js.connect(go.bareAddress())).isEqualTo(go.id());
            Wait.until(() -> go.table().contains(js.id()) && js.table().contains(go.id()));
            go.provide(List.of("of Go"));
            js.provide(List.of("of JS"));
            Wait.until(() -> js.find("of Go", 1).containsKey(go.id()));
            assertThat(go.find("of JS", 1)).containsKey(js.id());
        }
    }
}
