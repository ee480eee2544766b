package dev.spegel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import dev.spegel.routing.Key;
import dev.spegel.routing.Lookup;
import dev.spegel.routing.Peer;
import dev.spegel.routing.Router;
import dev.spegel.routing.RoutingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link Router} does. A subclass supplies small networks of nodes.
 *
 * <p>Advertisements may take a while to be seen, up to {@link #limit}, and so may withdrawals; a look-up may take that long too.
 * A router that can't do what a test asks of all overrides the test with {@code @Test @Disabled("why")}.
 */
@Timeout(120) // a contract that is broken may show as a wait without end
public abstract class RouterContract {
    /** Content that nobody has. */
    private static final Key UNKNOWN = digestKey("nobody has this");

    private static final Key CONTENT = digestKey("content");
    private static final Key OTHER_CONTENT = digestKey("other content");
    private static final Key TAG = Key.of(new TagReference("example.com:5000", "team/app", "1.0"));

    /** More than any network of a test has nodes. */
    private static final int MANY = 20;

    /** Nodes that know each other, or will before long. */
    protected interface Network extends AutoCloseable {
        /** The router of a node, counted from 0. */
        Router router(int node);

        /** What tells this node from the others: {@link Peer#id} as other nodes see it. */
        String peerId(int node);

        /** Lets others find these keys at this node. The default is what most routers need. */
        default void advertise(int node, Key... keys) throws Exception {
            router(node).advertise(List.of(keys));
        }

        /** Undoes {@link #advertise}. */
        default void withdraw(int node, Key... keys) throws Exception {
            router(node).withdraw(List.of(keys));
        }

        /** Closes all routers, and what else there is. */
        @Override
        void close();
    }

    /** For subclasses. */
    protected RouterContract() {}

    /** Starts a network of this many nodes, 1 to 4. The contract closes it. */
    protected abstract Network networkOf(int nodes) throws Exception;

    /** How long the network may take to see a change or to end a look-up. */
    protected Duration limit() {
        return Duration.ofSeconds(10);
    }

    private static Key digestKey(String content) {
        return Key.of(Digest.ofSha256(content.getBytes(StandardCharsets.UTF_8)));
    }

    /** Reads to the end; fails if there is none within the limit. */
    private List<String> readAll(Lookup lookup) throws InterruptedException {
        List<String> ids = new ArrayList<>();
        long end = System.nanoTime() + limit().toNanos();
        while (true) {
            Lookup.Next next = lookup.next(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
            if (next instanceof Lookup.Found found) {
                ids.add(found.peer().id());
            } else if (next instanceof Lookup.Ended) {
                return ids;
            } else {
                throw new AssertionError("the look-up didn't end within %s; found %s".formatted(limit(), ids));
            }
        }
    }

    private List<String> find(Router router, Key key) throws InterruptedException {
        try (Lookup lookup = router.lookup(key, MANY)) {
            return readAll(lookup);
        }
    }

    /** Looks up again until the network has seen what was done, which may take a while. */
    private void assertFinds(Network network, int node, Key key, int... holders) throws InterruptedException {
        List<String> expected = new ArrayList<>();
        for (int holder : holders) {
            expected.add(network.peerId(holder));
        }
        long end = System.nanoTime() + limit().toNanos();
        List<String> found = find(network.router(node), key);
        while (!(found.size() == expected.size() && found.containsAll(expected)) && end - System.nanoTime() > 0) {
            pause();
            found = find(network.router(node), key);
        }
        assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
    }

    private void assertSoon(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + limit().toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(end - System.nanoTime())
                    .as("%s within %s", what, limit())
                    .isPositive();
            pause();
        }
    }

    private static void pause() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }

    @Test
    public void findsWhatAnotherNodeHas() throws Exception {
        try (Network network = networkOf(2)) {
            network.advertise(1, CONTENT);
            assertFinds(network, 0, CONTENT, 1);
        }
    }

    @Test
    public void findsByTag() throws Exception {
        try (Network network = networkOf(2)) {
            network.advertise(1, TAG);
            assertFinds(network, 0, TAG, 1);
        }
    }

    @Test
    public void findsAllNodesThatHaveIt() throws Exception {
        try (Network network = networkOf(4)) {
            network.advertise(1, CONTENT);
            network.advertise(3, CONTENT);
            assertFinds(network, 0, CONTENT, 1, 3);
        }
    }

    @Test
    public void findsManyKeysOfOneCall() throws Exception {
        Key[] keys = new Key[50];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = digestKey("layer " + i);
        }
        try (Network network = networkOf(2)) {
            network.advertise(1, keys);
            for (Key key : keys) {
                assertFinds(network, 0, key, 1);
            }
        }
    }

    @Test
    public void neverFindsTheOwnNode() throws Exception {
        try (Network network = networkOf(3)) {
            network.advertise(0, CONTENT, OTHER_CONTENT);
            network.advertise(1, CONTENT);
            assertFinds(network, 2, OTHER_CONTENT, 0); // the network has seen it
            assertFinds(network, 0, CONTENT, 1);
            assertFinds(network, 0, OTHER_CONTENT);
        }
    }

    @Test
    public void findsAPeerOnceHoweverOftenItAdvertises() throws Exception {
        try (Network network = networkOf(2)) {
            network.advertise(1, CONTENT);
            network.advertise(1, CONTENT);
            assertFinds(network, 0, CONTENT, 1);
        }
    }

    @Test
    public void findsNoMorePeersThanWanted() throws Exception {
        try (Network network = networkOf(4)) {
            for (int node = 1; node < 4; node++) {
                network.advertise(node, CONTENT);
            }
            assertFinds(network, 0, CONTENT, 1, 2, 3);
            try (Lookup lookup = network.router(0).lookup(CONTENT, 2)) {
                assertThat(readAll(lookup)).hasSize(2).doesNotHaveDuplicates();
                assertThat(lookup.next(limit())).isInstanceOf(Lookup.Ended.class);
            }
        }
    }

    @Test
    public void refusesToLookForNoPeers() throws Exception {
        try (Network network = networkOf(1)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> network.router(0).lookup(CONTENT, 0));
        }
    }

    @Test
    public void whatNobodyHasEndsWithNothing() throws Exception {
        try (Network network = networkOf(3)) {
            network.advertise(1, CONTENT);
            assertThat(find(network.router(0), UNKNOWN)).isEmpty();
        }
    }

    @Test
    public void aNodeByItselfFindsNothing() throws Exception {
        try (Network network = networkOf(1)) {
            assertThat(find(network.router(0), CONTENT)).isEmpty();
        }
    }

    @Test
    public void whatIsWithdrawnIsNotFound() throws Exception {
        try (Network network = networkOf(3)) {
            network.advertise(1, CONTENT, OTHER_CONTENT);
            network.advertise(2, CONTENT);
            assertFinds(network, 0, CONTENT, 1, 2);
            network.withdraw(1, CONTENT);
            assertFinds(network, 0, CONTENT, 2);
            assertFinds(network, 0, OTHER_CONTENT, 1);
            network.advertise(1, CONTENT);
            assertFinds(network, 0, CONTENT, 1, 2);
        }
    }

    @Test
    public void withdrawingWhatWasNeverAdvertisedIsHarmless() throws Exception {
        try (Network network = networkOf(2)) {
            network.withdraw(1, UNKNOWN);
            network.advertise(1, CONTENT);
            assertFinds(network, 0, CONTENT, 1);
        }
    }

    @Test
    public void advertisingNothingIsHarmless() throws Exception {
        try (Network network = networkOf(2)) {
            network.router(0).advertise(List.of());
            network.router(0).withdraw(List.of());
        }
    }

    @Test
    public void aLimitOfZeroDoesNotWait() throws Exception {
        try (Network network = networkOf(3);
                Lookup lookup = network.router(0).lookup(UNKNOWN, MANY)) {
            long start = System.nanoTime();
            for (int i = 0; i < 100; i++) {
                assertThat(lookup.next(Duration.ZERO)).isNotInstanceOf(Lookup.Found.class);
            }
            // If each waited for a millisecond only, that would be 100 ms, but a slow machine must pass.
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(limit());
            assertThat(readAll(lookup)).isEmpty();
        }
    }

    @Test
    public void aLookupThatHasEndedStaysSo() throws Exception {
        try (Network network = networkOf(2);
                Lookup lookup = network.router(0).lookup(UNKNOWN, MANY)) {
            assertThat(readAll(lookup)).isEmpty();
            assertThat(lookup.next(Duration.ZERO)).isInstanceOf(Lookup.Ended.class);
            assertThat(lookup.next(limit())).isInstanceOf(Lookup.Ended.class);
        }
    }

    @Test
    public void aClosedLookupHasEnded() throws Exception {
        try (Network network = networkOf(2)) {
            network.advertise(1, CONTENT);
            assertFinds(network, 0, CONTENT, 1);
            Lookup lookup = network.router(0).lookup(CONTENT, MANY);
            lookup.close();
            lookup.close();
            assertThat(lookup.next(limit())).isInstanceOf(Lookup.Ended.class);
        }
    }

    @Test
    public void closingALookupLeavesOthersOfTheSameKeyAlone() throws Exception {
        try (Network network = networkOf(2)) {
            network.advertise(1, CONTENT);
            assertFinds(network, 1, CONTENT);
            Router router = network.router(0);
            assertFinds(network, 0, CONTENT, 1);
            Lookup first = router.lookup(CONTENT, MANY);
            try (Lookup second = router.lookup(CONTENT, MANY)) {
                first.close();
                assertThat(readAll(second)).containsExactly(network.peerId(1));
            }
        }
    }

    @Test
    public void anInterruptedReaderLeavesOthersOfTheSameKeyAlone() throws Exception {
        try (Network network = networkOf(2)) {
            network.advertise(1, CONTENT);
            assertFinds(network, 0, CONTENT, 1);
            Router router = network.router(0);
            try (Lookup first = router.lookup(CONTENT, MANY);
                    Lookup second = router.lookup(CONTENT, MANY)) {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> first.next(limit())).isInstanceOf(InterruptedException.class);
                assertThat(readAll(second)).containsExactly(network.peerId(1));
                assertThat(readAll(first)).containsExactly(network.peerId(1));
            }
        }
    }

    @Test
    public void lookupsOfOneKeyAtOnceAllFindIt() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (Network network = networkOf(3)) {
            network.advertise(1, CONTENT);
            network.advertise(2, CONTENT);
            assertFinds(network, 0, CONTENT, 1, 2);
            List<Callable<List<String>>> lookups = Collections.nCopies(64, () -> find(network.router(0), CONTENT));
            for (Future<List<String>> found : threads.invokeAll(lookups)) {
                assertThat(found.get()).containsExactlyInAnyOrder(network.peerId(1), network.peerId(2));
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    public void closingTheRouterEndsItsOpenLookups() throws Exception {
        try (Network network = networkOf(2)) {
            network.advertise(1, CONTENT);
            assertFinds(network, 0, CONTENT, 1);
            try (Lookup unread = network.router(0).lookup(CONTENT, MANY);
                    Lookup running = network.router(0).lookup(UNKNOWN, MANY)) {
                network.router(0).close();
                assertThat(unread.next(limit())).isInstanceOf(Lookup.Ended.class);
                assertThat(running.next(limit())).isInstanceOf(Lookup.Ended.class);
            }
        }
    }

    @Test
    public void aClosedRouterFindsNothingAndRefusesTheRest() throws Exception {
        try (Network network = networkOf(2)) {
            network.advertise(1, CONTENT);
            assertFinds(network, 0, CONTENT, 1);
            Router router = network.router(0);
            router.close();
            router.close();
            assertThat(find(router, CONTENT)).isEmpty();
            assertThat(router.ready()).isFalse();
            assertThat(router.peers()).isEmpty();
            assertThatThrownBy(() -> router.advertise(List.of(CONTENT))).isInstanceOf(RoutingException.class);
            assertThatThrownBy(() -> router.withdraw(List.of(CONTENT))).isInstanceOf(RoutingException.class);
        }
    }

    @Test
    public void isReadyOnceItHasMetAPeer() throws Exception {
        try (Network network = networkOf(3)) {
            assertSoon("ready", network.router(0)::ready);
            assertSoon("all peers known", () -> network.router(0).peers().size() == 2);
            assertThat(network.router(0).peers().stream().map(Peer::id))
                    .containsExactlyInAnyOrder(network.peerId(1), network.peerId(2));
        }
    }

    @Test
    public void isNotReadyByItself() throws Exception {
        try (Network network = networkOf(1)) {
            assertThat(find(network.router(0), CONTENT)).isEmpty(); // it had time to find itself
            assertThat(network.router(0).ready()).isFalse();
            assertThat(network.router(0).peers()).isEmpty();
        }
    }

    @Test
    public void repeatsAdvertisementsAtSomeInterval() throws Exception {
        try (Network network = networkOf(1)) {
            assertThat(network.router(0).advertisementInterval()).isPositive();
        }
    }
}
