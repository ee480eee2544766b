package dev.spegel.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.MemoryStore;
import dev.spegel.routing.Peer;
import dev.spegel.testkit.Fault;
import dev.spegel.testkit.FaultyPeer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Whatever peers do, alone and in pairs: with an honest one among them the client gets the right bytes, without one the right bytes or
 * an error, soon either way. {@link MirrorTest} and {@link RacingTest} say how; here all that matters is that it holds.
 *
 * <p>More than the one seed: {@code -Dspegel.faults.seeds=20}, from {@code -Dspegel.faults.seed=…} on, which a failure names. Four in a row
 * put each fault beside each number of honest peers. Each test prints how late the transfers were.
 */
class FaultCombinationsTest {
    private static final String REPOSITORY = "samples/app";
    private static final String NS = "?ns=registry.example";
    private static final MediaType MANIFEST = MediaType.OCI_MANIFEST;

    /** Verified before it is sent. */
    private static final int SMALL_BYTES = 60_000;

    /** Sent as it comes. */
    private static final int LARGE_BYTES = 4 * 1024 * 1024 + 300_000;

    /** Most of the time is spent waiting for peers that hang; the memory is that of as many large blobs. */
    private static final int AT_A_TIME = 12;

    private static final Duration STALL_LIMIT = Duration.ofSeconds(1);

    /** The limits of production, all shorter alike, but as long as a busy machine's pauses. */
    private static final MirrorConfig QUICK = new MirrorConfig(
            Duration.ofMillis(50),
            4,
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(3),
            STALL_LIMIT,
            new HedgeBounds(Duration.ofMillis(5), Duration.ofMillis(100)),
            QuarantineTerms.DEFAULTS);

    /**
     * How many times the slowest plain transfer of the run one may take beside the limits: a body is read again from where a peer broke
     * off, at most twice with two that do, and what a scene needs for the first time, the plain ones have long.
     */
    private static final int PLAIN_TRANSFERS = 4;

    /** Beside that, for pauses of a busy machine that no plain transfer happened to meet. */
    private static final Duration SLACK = Duration.ofSeconds(6);

    /** For how long a mirror waits for peers that are busy if nobody else has it (docs/http.md), and for ten rounds of asking them. */
    private static final Duration BUSY_LIMIT = Duration.ofSeconds(12);

    private static final long FAR_TOO_LONG = 1_000_000_000_000L;

    private static final Fault BUSY = new Fault.Answer(429, Map.of("Retry-After", "1"));

    private static final List<Fault> FAULTS = List.of(
            new Fault.CloseAfterAccept(),
            new Fault.StallBeforeHeaders(),
            new Fault.LateHeaders(Duration.ofMillis(150)),
            new Fault.StallAt(0),
            new Fault.StallAt(30_000),
            new Fault.CutAt(0),
            new Fault.CutAt(30_000),
            new Fault.ResetAt(0),
            new Fault.ResetAt(30_000),
            new Fault.CorruptAt(0),
            new Fault.CorruptAt(30_000),
            new Fault.Answer(404),
            new Fault.Answer(500),
            BUSY,
            Fault.Answer.redirectTo("http://127.0.0.1:1/"),
            new Fault.Answer(200, Map.of("Content-Encoding", "gzip")),
            new Fault.WrongLength(1),
            new Fault.WrongLength(FAR_TOO_LONG),
            new Fault.WrongLength(-1000),
            new Fault.WrongLength(-1_000_000_000),
            new Fault.WrongContentRange(),
            new Fault.IgnoreRange(),
            new Fault.Trickle(SMALL_BYTES / 3, Duration.ofMillis(1)));

    private enum Ask {
        SMALL,
        LARGE,
        RANGE,
        TAG,
        MANIFEST,
        HEAD
    }

    /** Honest ones come after the faults in this list; the seed decides in which order they are found. */
    private record Scene(List<Fault> faults, int honest, Ask ask, long seed, int number) {
        Random random() {
            return new Random(seed * 1_000_003 + number);
        }

        boolean hasLiar() {
            return faults.stream().anyMatch(FaultCombinationsTest::isLie);
        }

        /** Whether bytes are on their way before the digest is known: of what is large, or was said to be. */
        boolean canBeSpoilt() {
            return (ask == Ask.LARGE && hasLiar())
                    || (ask == Ask.SMALL && faults.contains(new Fault.WrongLength(FAR_TOO_LONG)));
        }

        private boolean isBlob() {
            return ask == Ask.SMALL || ask == Ask.LARGE || ask == Ask.RANGE;
        }

        /** How long the peers may make a transfer take, beside the transfer itself. */
        Duration bound() {
            if (honest > 0) {
                // In all: whoever stalls costs a part of it while there is another peer. Manifests and HEAD have one
                // limit for everything.
                return isBlob() ? QUICK.stallLimit() : QUICK.metadataLimit();
            }
            long stalls = faults.stream()
                    .filter(fault -> fault instanceof Fault.StallAt || fault instanceof Fault.StallBeforeHeaders)
                    .count();
            // They are asked again, as there is nobody else.
            Duration bound = STALL_LIMIT.multipliedBy(2 * stalls);
            return faults.contains(BUSY) ? bound.plus(BUSY_LIMIT) : bound;
        }
    }

    private static boolean isLie(Fault fault) {
        return fault instanceof Fault.CorruptAt || fault instanceof Fault.WrongLength;
    }

    @Test
    void oneFaultBesideUpToThreeHonestPeers() throws Exception {
        List<Scene> scenes = new ArrayList<>();
        for (long seed : seeds()) {
            for (Fault fault : FAULTS) {
                for (Ask ask : Ask.values()) {
                    scenes.add(new Scene(List.of(fault), (int) ((seed + scenes.size()) % 4), ask, seed, scenes.size()));
                }
            }
        }
        play(scenes, Casting.ONE_EACH);
    }

    @Test
    void twoFaultsBesideUpToTwoHonestPeers() throws Exception {
        List<Scene> scenes = new ArrayList<>();
        for (long seed : seeds()) {
            for (int i = 0; i < FAULTS.size(); i++) {
                for (int j = i; j < FAULTS.size(); j++) {
                    Random random = new Random(seed * 1_000_003 + scenes.size());
                    scenes.add(new Scene(
                            List.of(FAULTS.get(i), FAULTS.get(j)),
                            (int) ((seed + scenes.size()) % 3),
                            any(random),
                            seed,
                            scenes.size()));
                }
            }
        }
        play(scenes, Casting.ONE_EACH);
    }

    @Test
    void onePeerThatFailsOnceAndThenInAnotherWay() throws Exception {
        List<Scene> scenes = new ArrayList<>();
        for (long seed : seeds()) {
            for (Fault first : FAULTS) {
                for (Fault second : FAULTS) {
                    Random random = new Random(seed * 1_000_003 + scenes.size());
                    scenes.add(new Scene(
                            List.of(first, second),
                            (int) ((seed + scenes.size()) % 4),
                            any(random),
                            seed,
                            scenes.size()));
                }
            }
        }
        play(scenes, Casting.IN_TURN);
    }

    private static long[] seeds() {
        long first = Long.getLong("spegel.faults.seed", 1);
        return LongStream.range(first, first + Integer.getInteger("spegel.faults.seeds", 1))
                .toArray();
    }

    private static Ask any(Random random) {
        return Ask.values()[random.nextInt(Ask.values().length)];
    }

    private enum Casting {
        /** Each fault is what one peer always does. */
        ONE_EACH,
        /** All faults are those of one peer, one after the other; then it is honest. */
        IN_TURN
    }

    private static List<FaultyPeer> cast(Scene scene, Casting casting) throws IOException {
        List<FaultyPeer> peers = new ArrayList<>();
        if (casting == Casting.IN_TURN) {
            FaultyPeer peer = FaultyPeer.start();
            peer.enqueue(scene.faults().toArray(Fault[]::new));
            peers.add(peer);
        } else {
            for (Fault fault : scene.faults()) {
                FaultyPeer peer = FaultyPeer.start();
                peer.behave(fault);
                peers.add(peer);
            }
        }
        for (int i = 0; i < scene.honest(); i++) {
            peers.add(FaultyPeer.start());
        }
        Collections.shuffle(peers, scene.random());
        return peers;
    }

    private static void play(List<Scene> scenes, Casting casting) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);
        List<String> failures = new ArrayList<>();
        Lateness lateness = new Lateness();
        try (PlainTransfers plain = new PlainTransfers()) {
            List<Future<?>> results = new ArrayList<>();
            for (Scene scene : scenes) {
                results.add(threads.submit(() -> {
                    play(scene, casting, plain, lateness);
                    return null;
                }));
            }
            for (int i = 0; i < results.size(); i++) {
                try {
                    results.get(i).get();
                } catch (ExecutionException e) {
                    failures.add(scenes.get(i) + ": " + e.getCause());
                }
            }
        } finally {
            threads.shutdownNow();
        }
        System.out.printf("%d scenes, %s: %s%n", scenes.size(), casting, lateness.summary());
        failures.addAll(lateness.tooLate(PLAIN_TRANSFERS, SLACK));
        assertThat(failures).as("of %d scenes", scenes.size()).isEmpty();
    }

    private static void play(Scene scene, Casting casting, PlainTransfers plain, Lateness lateness) throws Exception {
        byte[] bytes = content(scene);
        Digest digest = Digest.ofSha256(bytes);
        Duration plainly = plain.take(scene, digest, bytes);
        Consumer<Duration> clock = took -> lateness.add(new Lateness.Transfer(
                scene.toString(),
                scene.ask(),
                scene.honest()
                        + (casting == Casting.IN_TURN ? 1 : scene.faults().size()),
                scene.honest(),
                took,
                plainly,
                scene.bound()));
        List<FaultyPeer> peers = cast(scene, casting);
        peers.forEach(peer -> give(peer, scene.ask(), digest, bytes));
        OrderedRouter router =
                new OrderedRouter(peers.stream().map(FaultyPeer::peer).toArray(Peer[]::new));
        try (TestRegistry registry =
                new TestRegistry(RegistryConfig.DEFAULTS.withMirror(QUICK), new MemoryStore(), router)) {
            List<String> answers = new ArrayList<>();
            boolean right = ask(scene, digest, bytes, registry.client(), answers, clock);
            if (scene.honest() > 0 && !scene.canBeSpoilt()) {
                assertThat(right).as("right at once, answered %s", answers).isTrue();
            }
            if (scene.honest() > 0 || casting == Casting.IN_TURN) {
                for (int i = 0; !right && i < scene.faults().size(); i++) {
                    right = ask(scene, digest, bytes, registry.client(), answers, clock); // each fault may spoil one
                }
                assertThat(right).as("right in the end, answered %s", answers).isTrue();
            }
        } finally {
            peers.forEach(FaultyPeer::close);
        }
    }

    private static void give(FaultyPeer peer, Ask ask, Digest digest, byte[] bytes) {
        peer.addAs(digest, isManifest(ask) ? MANIFEST : MediaType.OCTET_STREAM, bytes);
        if (isManifest(ask)) {
            peer.tag(new TagReference("registry.example", REPOSITORY, "1.0"), digest);
        }
    }

    /** Transfers of the same bytes, at the same time, from a peer that does nothing wrong; warm, as a node mostly is. */
    private static final class PlainTransfers implements AutoCloseable {
        private final FaultyPeer peer = FaultyPeer.start();
        private final TestRegistry registry = new TestRegistry(
                RegistryConfig.DEFAULTS.withMirror(MirrorConfig.DEFAULTS.withLookupLimit(QUICK.lookupLimit())),
                new MemoryStore(),
                new OrderedRouter(peer.peer()));

        PlainTransfers() throws Exception {}

        Duration take(Scene scene, Digest digest, byte[] bytes) throws IOException {
            give(peer, scene.ask(), digest, bytes);
            Scene plain = new Scene(List.of(), 1, scene.ask(), scene.seed(), scene.number());
            List<Duration> took = new ArrayList<>();
            List<String> answers = new ArrayList<>();
            assertThat(ask(plain, digest, bytes, registry.client(), answers, took::add))
                    .as("a plain transfer, answered %s", answers)
                    .isTrue();
            if (!isManifest(scene.ask())) { // others ask for the manifest, as there is just one
                peer.remove(digest);
            }
            return took.get(0);
        }

        @Override
        public void close() {
            registry.close();
            peer.close();
        }
    }

    /** Says whether the client got what it asked for; fails if it got something else. */
    private static boolean ask(
            Scene scene, Digest digest, byte[] bytes, RawHttp client, List<String> answers, Consumer<Duration> clock)
            throws IOException {
        boolean head = scene.ask() == Ask.HEAD;
        String target = "/v2/" + REPOSITORY
                + (isManifest(scene.ask()) ? "/manifests/" : "/blobs/")
                + (scene.ask() == Ask.TAG ? "1.0" : digest)
                + NS;
        int first = 10_000;
        long startNanos = System.nanoTime();
        RawHttp.Answer answer = scene.ask() == Ask.RANGE
                ? client.get(target, "Range: bytes=" + first + "-")
                : client.send(head ? "HEAD" : "GET", target);
        clock.accept(Duration.ofNanos(System.nanoTime() - startNanos));
        if (answer.status() == 404) {
            answers.add(head ? "404" : answer.text());
            return false;
        }
        answers.add("%d and %d bytes, %s".formatted(answer.status(), answer.body().length, answer.ending()));
        assertThat(answer.status()).isEqualTo(scene.ask() == Ask.RANGE ? 206 : 200);
        byte[] expected = scene.ask() == Ask.RANGE ? Arrays.copyOfRange(bytes, first, bytes.length) : bytes;
        if (head) {
            return true; // there are no bytes that could be verified
        }
        if (answer.ending() == RawHttp.Ending.WHOLE) {
            boolean same = Arrays.equals(answer.body(), expected);
            // A part has no digest: the client finds out when it has all of them.
            assertThat(same || (scene.ask() == Ask.RANGE && scene.hasLiar()))
                    .as("the bytes of a whole body are right")
                    .isTrue();
            return true;
        }
        assertThat(answer.body()).as("of a body that broke off").hasSizeLessThanOrEqualTo(expected.length);
        if (answer.ending() == RawHttp.Ending.CUT && !scene.hasLiar()) {
            assertThat(Arrays.mismatch(answer.body(), expected))
                    .as("the client goes on at the byte reached")
                    .isEqualTo(answer.body().length);
        }
        return false;
    }

    private static boolean isManifest(Ask ask) {
        return ask == Ask.TAG || ask == Ask.MANIFEST;
    }

    private static byte[] content(Scene scene) {
        if (isManifest(scene.ask())) {
            byte[] filler = new byte[SMALL_BYTES];
            Arrays.fill(filler, (byte) 'x');
            return ("{\"schemaVersion\":2,\"annotations\":{\"filler\":\"" + new String(filler, UTF_8) + "\"}}")
                    .getBytes(UTF_8);
        }
        byte[] bytes = new byte[scene.ask() == Ask.LARGE ? LARGE_BYTES : SMALL_BYTES];
        scene.random().nextBytes(bytes);
        return bytes;
    }
}
