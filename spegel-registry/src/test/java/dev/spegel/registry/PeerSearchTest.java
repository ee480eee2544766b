package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.oci.Digest;
import dev.spegel.oci.RegistryPath;
import dev.spegel.oci.store.MemoryStore;
import dev.spegel.routing.Key;
import dev.spegel.routing.Peer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PeerSearchTest {
    private static final HedgeBounds AT_ONCE = new HedgeBounds(Duration.ofMillis(1), Duration.ofMillis(1));
    private static final HedgeBounds NEVER = new HedgeBounds(Duration.ofHours(1), Duration.ofHours(1));
    private static final Digest DIGEST = Digest.ofSha256(new byte[] {1});
    private static final Peer A = peer("a");
    private static final Peer B = peer("b");
    private static final Peer C = peer("c");
    private static final Peer D = peer("d");

    private final AttemptThreads threads = new AttemptThreads();
    private final ExecutorService searchers = Executors.newCachedThreadPool();
    private final Client client = new Client();
    private final PeerQuarantine quarantine = new PeerQuarantine(QuarantineTerms.DEFAULTS, System::nanoTime);
    private final PeerLoads loads = new PeerLoads(System::nanoTime);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private static Peer peer(String id) {
        return new Peer(id, List.of(InetAddress.getLoopbackAddress()), 5000, Optional.empty());
    }

    @AfterEach
    void close() {
        searchers.shutdownNow();
        threads.close();
        for (Peer peer : List.of(A, B, C, D)) {
            assertThat(loads.inFlight(peer)).as("uses of " + peer.id()).isZero();
        }
    }

    private PeerSearch open(HedgeBounds bounds, Peer... found) {
        RegistryPath.Content path = (RegistryPath.Content) RegistryPath.parse("/v2/app/blobs/" + DIGEST, "x.io");
        return new PeerSearch(
                new ContentRequest(false, path, Optional.empty(), Asker.CLIENT, "id"),
                Key.of(DIGEST),
                new OrderedRouter(found),
                new PeerSearch.Peers(client, loads, quarantine, new HedgeDelays(bounds), threads),
                MirrorConfig.DEFAULTS.withHedging(bounds),
                new RegistryMetrics(
                        meters,
                        "memory",
                        new TransferBuffers(TransferConfig.DEFAULTS),
                        quarantine,
                        new Uploads(UploadConfig.DEFAULTS, System::nanoTime),
                        new RegistryLabels(new MemoryStore(), Set.of(), System::nanoTime)));
    }

    /** Searches in a thread of its own; what it finds is closed. Empty if it finds nobody. */
    private Future<Optional<String>> search(HedgeBounds bounds, Peer... found) {
        return searchers.submit((Callable<Optional<String>>) () -> {
            try (PeerSearch search = open(bounds, found)) {
                Optional<Source> source = search.next(Optional.empty());
                source.ifPresent(Source::close);
                return source.map(winner -> winner.peer().id());
            }
        });
    }

    private static Optional<String> result(Future<Optional<String>> search) throws Exception {
        return search.get(20, TimeUnit.SECONDS);
    }

    private double outcomes(String outcome) {
        return meters.get("spegel.mirror.peer.requests")
                .tag("outcome", outcome)
                .counter()
                .count();
    }

    @Test
    void onePeerThatAnswersInTimeIsEnough() throws Exception {
        Future<Optional<String>> search = search(NEVER, A, B);
        client.awaitAsked("a");
        client.answer(A);
        assertThat(result(search)).contains("a");
        assertThat(client.asked).isEmpty();
        assertThat(outcomes("won")).isEqualTo(1);
    }

    @Test
    void firstGoodAnswerWinsAndTheOthersAreCancelled() throws Exception {
        Future<Optional<String>> search = search(AT_ONCE, A, B, C);
        client.awaitAsked("a");
        client.awaitAsked("b");
        client.awaitAsked("c");
        client.answer(B);
        assertThat(result(search)).contains("b");
        await().untilAsserted(() -> assertThat(client.cancelled).containsExactlyInAnyOrder("a", "c"));
        assertThat(outcomes("won")).isEqualTo(1);
        assertThat(outcomes("lost")).isEqualTo(2);
    }

    @Test
    void answerThatIsNoGoodDoesNotWin() throws Exception {
        Future<Optional<String>> search = search(AT_ONCE, A, B);
        client.awaitAsked("a");
        client.awaitAsked("b");
        FakeAnswer absent = client.answer(A, 404);
        await().until(absent.closed::get);
        client.answer(B);
        assertThat(result(search)).contains("b");
        assertThat(outcomes("failed")).isEqualTo(1);
    }

    @Test
    void peerThatFailsIsReplacedAtOnce() throws Exception {
        Future<Optional<String>> search = search(NEVER, A, B, C);
        client.awaitAsked("a");
        client.fail(A);
        client.awaitAsked("b");
        client.fail(B);
        client.awaitAsked("c");
        client.answer(C);
        assertThat(result(search)).contains("c");
    }

    @Test
    void onlyAFewAreAskedAtATime() throws Exception {
        Future<Optional<String>> search = search(AT_ONCE, A, B, C, D);
        client.awaitAsked("a");
        client.awaitAsked("b");
        client.awaitAsked("c");
        client.fail(B);
        client.awaitAsked("d");
        assertThat(client.mostAtATime).isEqualTo(HedgeSchedule.MAX_IN_FLIGHT);
        client.answer(D);
        assertThat(result(search)).contains("d");
    }

    @Test
    void answerThatComesTooLateIsClosed() throws Exception {
        Future<Optional<String>> search = search(AT_ONCE, A, B);
        client.awaitAsked("a");
        client.awaitAsked("b");
        List<FakeAnswer> answers = List.of(client.answer(A), client.answer(B));
        assertThat(result(search)).isPresent();
        // The winner's is closed by the test; the other one by its attempt or by the race, unless its attempt was
        // cancelled first.
        await().until(() ->
                answers.stream().filter(answer -> answer.closed.get()).count() + client.cancelled.size() == 2);
    }

    @Test
    void nobodyIsFoundWhereAllFail() throws Exception {
        Future<Optional<String>> search = search(AT_ONCE, A, B);
        client.awaitAsked("a");
        client.fail(A);
        client.awaitAsked("b");
        client.fail(B);
        assertThat(result(search)).isEmpty();
        assertThat(outcomes("failed")).isEqualTo(2);
    }

    @Test
    void peerInQuarantineIsAskedLastAndNotAsAHedge() throws Exception {
        quarantine.add(A, System.nanoTime());
        Future<Optional<String>> search = search(AT_ONCE, A, B);
        client.awaitAsked("b");
        client.fail(B);
        client.awaitAsked("a");
        client.answer(A);
        assertThat(result(search)).contains("a");
        assertThat(client.mostAtATime).isEqualTo(1);
    }

    @Test
    void busyPeersThatAreFoundFirstAreNotTheEnd() throws Exception {
        for (Peer busy : List.of(A, B)) {
            PeerLoads.Use use = loads.begin(List.of(busy)).orElseThrow();
            use.busyFor(Duration.ofMinutes(1));
            use.close();
        }
        Future<Optional<String>> search = search(NEVER, A, B, C);
        client.awaitAsked("c");
        client.answer(C);
        assertThat(result(search)).contains("c");
    }

    /** However many stall, a body loses less than one stall limit as long as another peer could have it. */
    @Test
    void peersThatStallAreLeftEarlyWhileThereAreOthersAndAskedAgainWhenNobodyIsLeft() throws Exception {
        Duration whole = MirrorConfig.DEFAULTS.stallLimit();
        List<Duration> limits = new ArrayList<>();
        client.stallLimits = limits;
        List.of(A, B, C).forEach(client::answer);
        Future<List<String>> asked = searchers.submit(() -> {
            List<String> ids = new ArrayList<>();
            try (PeerSearch search = open(NEVER, A, B, C)) {
                search.next(Optional.empty()).ifPresent(first -> stall(search, first, ids));
                for (Optional<Source> next = search.next(Optional.empty());
                        next.isPresent();
                        next = search.next(Optional.empty())) {
                    stall(search, next.get(), ids);
                }
            }
            return ids;
        });
        assertThat(asked.get(20, TimeUnit.SECONDS)).hasSize(5);
        assertThat(asked.get().subList(0, 3)).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(asked.get().subList(3, 5))
                .doesNotHaveDuplicates()
                .doesNotContain(asked.get().get(2));
        assertThat(limits).containsExactly(whole.dividedBy(4), whole.dividedBy(4), whole, whole, whole);
    }

    private static void stall(PeerSearch search, Source source, List<String> ids) {
        ids.add(source.peer().id());
        try {
            source.read(new Piece(List.of(ByteBuffer.allocate(1))));
            throw new AssertionError("it stalls");
        } catch (IOException e) {
            source.close();
            search.failed(source, e);
        }
    }

    @Test
    void interruptionCancelsAll() throws Exception {
        Future<Optional<String>> search = search(AT_ONCE, A, B);
        client.awaitAsked("a");
        client.awaitAsked("b");
        search.cancel(true);
        await().untilAsserted(() -> assertThat(client.cancelled).containsExactlyInAnyOrder("a", "b"));
    }

    @Test
    void searchGoesOnInItsOwnThreadWhenNoOtherIsFree() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try {
            for (int i = 0; i < AttemptThreads.MAX_THREADS; i++) {
                assertThat(threads.start(() -> {
                            try {
                                release.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        }))
                        .isTrue();
            }
            Future<Optional<String>> search = search(AT_ONCE, A, B);
            client.awaitAsked("a");
            client.fail(A);
            client.awaitAsked("b");
            client.answer(B);
            assertThat(result(search)).contains("b");
        } finally {
            release.countDown();
        }
    }

    @Test
    void closingTheThreadsEndsWhatTheyWaitFor() throws Exception {
        Future<Optional<String>> search = search(NEVER, A);
        client.awaitAsked("a");
        threads.close();
        assertThat(result(search)).isEmpty();
        assertThat(threads.start(() -> {})).isFalse();
    }

    /** Peers that answer when a test says so. */
    private static final class Client implements PeerClient {
        final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
        final Set<String> cancelled = ConcurrentHashMap.newKeySet();
        private final Map<String, CompletableFuture<Answer>> answers = new ConcurrentHashMap<>();
        private final List<String> waiting = new ArrayList<>();
        private final List<String> early = new ArrayList<>();
        private volatile int mostAtATime;
        private volatile List<Duration> stallLimits = List.of();

        @Override
        public Answer send(Peer peer, Question question, Duration limit) throws IOException {
            count(peer, true);
            asked.add(peer.id());
            try {
                return future(peer).get();
            } catch (InterruptedException e) {
                cancelled.add(peer.id());
                throw new InterruptedIOException("given up");
            } catch (ExecutionException e) {
                throw new IOException("out of order", e);
            } finally {
                count(peer, false);
            }
        }

        private synchronized void count(Peer peer, boolean begins) {
            if (begins) {
                waiting.add(peer.id());
                mostAtATime = Math.max(mostAtATime, waiting.size());
            } else {
                waiting.remove(peer.id());
            }
        }

        private CompletableFuture<Answer> future(Peer peer) {
            return answers.computeIfAbsent(peer.id(), id -> new CompletableFuture<>());
        }

        /** In any order: which of two threads that start at nearly the same time comes first is up to the system. */
        void awaitAsked(String id) throws InterruptedException {
            while (!early.remove(id)) {
                String next = asked.poll(20, TimeUnit.SECONDS);
                assertThat(next).as("asked next, awaiting " + id).isNotNull();
                early.add(next);
            }
        }

        FakeAnswer answer(Peer peer) {
            return answer(peer, 200);
        }

        FakeAnswer answer(Peer peer, int status) {
            FakeAnswer answer = new FakeAnswer(status, stallLimits);
            future(peer).complete(answer);
            return answer;
        }

        void fail(Peer peer) {
            future(peer).completeExceptionally(new IOException("told so"));
        }

        @Override
        public void close() {}
    }

    private static final class FakeAnswer implements PeerClient.Answer {
        final AtomicBoolean closed = new AtomicBoolean();
        private final int status;
        private final List<Duration> stallLimits;

        FakeAnswer(int status, List<Duration> stallLimits) {
            this.status = status;
            this.stallLimits = stallLimits;
        }

        @Override
        public int status() {
            return status;
        }

        @Override
        public InetSocketAddress address() {
            throw new AssertionError("nobody asks for this");
        }

        @Override
        public Optional<String> header(String name) {
            return Optional.empty();
        }

        @Override
        public long contentLength() {
            return 1;
        }

        @Override
        public long read(ByteBuffer[] targets, Duration limit) throws IOException {
            stallLimits.add(limit);
            throw new SocketTimeoutException("it stalls");
        }

        @Override
        public void close() {
            closed.set(true);
        }
    }
}
