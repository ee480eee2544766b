package dev.spegel.interop;

import static dev.spegel.interop.Program.GO;
import static dev.spegel.interop.Program.ROUTER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.interop.Network.Machine;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our router among other nodes: how it finds them, finds them again, and tells where its registry is. */
class RouterIT {
    private static final String[] SEED = {"--seed", "22".repeat(32)};

    /** A request may take 10 s, once more on a new stream, and then 5 s to dial; keepalives notice within 40 s. */
    private static final Duration NOTICED_WITHIN = Duration.ofSeconds(60);

    @ParameterizedTest
    @EnumSource(names = {"GO", "JS"})
    void startsFromAPeerWithoutAnId(Program other) throws Exception {
        try (Network network = Network.create()) {
            Peer there = network.start(other);
            Peer router = network.start(ROUTER, "--bootstrap", there.bareAddress());
            awaitReady(router, there);
            assertThat(there.links(router)).hasSize(1);
        }
    }

    @Test
    void startsFromAPeerThatComesLater() throws Exception {
        try (Network network = Network.create()) {
            Machine later = network.add();
            Peer router = network.start(ROUTER, "--bootstrap", "/ip4/" + later.ip4() + "/tcp/5001");
            assertThat(isReady(router)).isFalse();
            Peer go = network.start(GO, later);
            awaitReady(router, go);
        }
    }

    /** As Go nodes of a cluster do with what DNS tells them. */
    @Test
    void goStartsFromItWithoutAnId() throws Exception {
        try (Network network = Network.create()) {
            Peer router = network.start(ROUTER);
            Peer go = network.start(GO);
            assertThat(go.connect(router.bareAddress())).isEqualTo(router.id());
            awaitReady(router, go);
            go.refresh();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void comesBackToAPeerThatRestarts(boolean asItself) throws Exception {
        String[] identity = asItself ? SEED : new String[0];
        try (Network network = Network.create()) {
            Machine machine = network.add();
            Peer before = network.start(GO, machine, identity);
            Peer router = network.start(ROUTER, "--bootstrap", before.bareAddress());
            awaitReady(router, before);
            router.provide(List.of("of the router"));
            before.kill();
            Peer after = network.start(GO, machine, identity);
            awaitReady(router, after);
            Wait.until(() -> after.find("of the router", 1).containsKey(router.id()));
        }
    }

    /** Nothing says that the peer is gone; requests stay without an answer. */
    @Test
    void comesBackWhenACableIsPluggedInAgain() throws Exception {
        try (Network network = Network.create()) {
            Machine machine = network.add();
            Peer go = network.start(GO, machine);
            Peer router = network.start(ROUTER, "--bootstrap", go.bareAddress());
            awaitReady(router, go);
            network.plug(machine, false);
            Wait.until(NOTICED_WITHIN, () -> {
                router.find("of nobody", 0);
                return !isReady(router);
            });
            network.plug(machine, true);
            awaitReady(router, go);
            router.provide(List.of("of the router"));
            Wait.until(() -> go.find("of the router", 1).containsKey(router.id()));
        }
    }

    /** Between the two is a Go node that knows nothing of registries' ports; a Go node's own is taken to be as the searcher's. */
    @ParameterizedTest
    @EnumSource(names = {"GO", "JS"})
    void registryPortsComeThroughOthers(Program other) throws Exception {
        try (Network network = Network.create()) {
            Peer middle = network.start(other);
            Peer announcer = network.start(ROUTER, "--bootstrap", middle.address(), "--registry-port", "5055");
            Peer searcher = network.start(ROUTER, "--bootstrap", middle.address(), "--registry-port", "5066");
            awaitReady(announcer, middle);
            awaitReady(searcher, middle);
            assertThat(middle.knownAddresses(announcer))
                    .contains(announcer.bareAddress(), "/ip4/" + ip(announcer) + "/tcp/5055/http");
            announcer.provide(List.of("of the announcer"));
            middle.provide(List.of("of the middle"));
            Wait.until(() -> !searcher.find("of the announcer", 1).isEmpty());
            assertThat(searcher.find("of the announcer", 0))
                    .isEqualTo(Map.of(announcer.id(), List.of(ip(announcer) + ":5055")));
            Wait.until(() -> !searcher.find("of the middle", 1).isEmpty());
            assertThat(searcher.find("of the middle", 0)).isEqualTo(Map.of(middle.id(), List.of(ip(middle) + ":5066")));
        }
    }

    /** A node of a cluster takes the first part of each address that it is given to be an IP address, and no more. */
    @Test
    void goFindsItByItsIpAddressAlone() throws Exception {
        try (Network network = Network.create()) {
            Peer go = network.start(GO);
            Peer second = network.start(GO);
            Peer router = network.start(ROUTER, "--bootstrap", go.address());
            awaitReady(router, go);
            ProvidersIT.meet(second, go);
            router.provide(List.of("a key"));
            Wait.until(() -> second.find("a key", 1).containsKey(router.id()));
            assertThat(second.find("a key", 0).get(router.id()))
                    .isNotEmpty()
                    .allSatisfy(address -> assertThat(address).startsWith("/ip4/" + ip(router) + "/tcp/"));
            assertThat(second.connect(router.address())).isEqualTo(router.id());
        }
    }

    private static void awaitReady(Peer router, Peer other) {
        Wait.until(() -> isReady(router)
                && router.table().contains(other.id())
                && other.table().contains(router.id()));
    }

    private static boolean isReady(Peer router) throws Exception {
        return router.ask("ready", Map.of()).get("ready").booleanValue();
    }

    private static String ip(Peer peer) {
        return peer.bareAddress().split("/", -1)[2];
    }
}
