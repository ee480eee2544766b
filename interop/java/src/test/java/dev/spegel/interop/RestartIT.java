package dev.spegel.interop;

import static dev.spegel.interop.Program.GO;
import static dev.spegel.interop.Program.JAVA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.interop.Network.Machine;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nodes that go and come back where they were, as themselves or as somebody else. */
class RestartIT {
    private static final String[] SEED = {"--seed", "11".repeat(32)};

    @Test
    void goReturnsAsItself() throws Exception {
        try (Network network = Network.create()) {
            Peer java = network.start(JAVA);
            Machine machine = network.add();
            Peer before = network.start(GO, machine, SEED);
            ProvidersIT.meet(java, before);
            java.provide(List.of("of Java"));
            before.kill();
            Peer after = network.start(GO, machine, SEED);
            assertThat(after.id()).isEqualTo(before.id());
            assertMeetAgain(java, after);
        }
    }

    @Test
    void goReturnsAsSomebodyElse() throws Exception {
        try (Network network = Network.create()) {
            Peer java = network.start(JAVA);
            Machine machine = network.add();
            Peer before = network.start(GO, machine);
            ProvidersIT.meet(java, before);
            java.provide(List.of("of Java"));
            before.kill();
            Peer after = network.start(GO, machine);
            assertThat(after.id()).isNotEqualTo(before.id());
            assertMeetAgain(java, after);
            Wait.until(() -> {
                java.find("of nobody", 0); // asks everybody, and notices who is gone
                return !java.table().contains(before.id());
            });
        }
    }

    @Test
    void javaReturnsAsItself() throws Exception {
        try (Network network = Network.create()) {
            Peer go = network.start(GO);
            Machine machine = network.add();
            Peer before = network.start(JAVA, machine, SEED);
            ProvidersIT.meet(before, go);
            before.kill();
            Peer after = network.start(JAVA, machine, SEED);
            assertThat(after.id()).isEqualTo(before.id());
            after.connect(go.address());
            Wait.until(() -> after.table().contains(go.id()) && go.table().contains(after.id()));
            after.provide(List.of("of the new Java"));
            Wait.until(() -> go.find("of the new Java", 1).containsKey(after.id()));
            assertThat(go.knownAddresses(after)).contains(after.bareAddress());
        }
    }

    private static void assertMeetAgain(Peer java, Peer after) throws Exception {
        after.connect(java.address());
        Wait.until(() -> after.table().contains(java.id()) && java.table().contains(after.id()));
        Wait.until(() -> after.find("of Java", 1).containsKey(java.id()));
        after.provide(List.of("of the new Go"));
        Wait.until(() -> java.find("of the new Go", 1).containsKey(after.id()));
    }
}
