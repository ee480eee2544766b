package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TransferBuffersTest {
    private final TransferBuffers buffers = new TransferBuffers(new TransferConfig(4096, 3, Duration.ofSeconds(1)));

    @Test
    void noMoreThanConfiguredAreHandedOut() throws InterruptedException {
        TransferBuffers.Lease one =
                buffers.acquire(Long.MAX_VALUE, Duration.ZERO).orElseThrow();
        assertThat(buffers.acquire(Long.MAX_VALUE, Duration.ZERO)).isPresent();
        assertThat(buffers.acquire(Long.MAX_VALUE, Duration.ZERO)).isPresent();
        assertThat(buffers.acquire(Long.MAX_VALUE, Duration.ofMillis(1))).isEmpty();
        one.close();
        assertThat(buffers.acquire(Long.MAX_VALUE, Duration.ZERO)).isPresent();
    }

    @Test
    void closingTwiceGivesBackOnce() throws InterruptedException {
        TransferBuffers.Lease lease =
                buffers.acquire(Long.MAX_VALUE, Duration.ZERO).orElseThrow();
        lease.close();
        lease.close();
        assertThat(buffers.available()).isEqualTo(3);
    }

    @Test
    void bufferIsUsedAgain() throws InterruptedException {
        ByteBuffer first;
        try (TransferBuffers.Lease lease =
                buffers.acquire(Long.MAX_VALUE, Duration.ZERO).orElseThrow()) {
            first = lease.first();
        }
        assertThat(buffers.acquire(Long.MAX_VALUE, Duration.ZERO).orElseThrow().first())
                .isSameAs(first);
    }

    @Test
    void asManyAsTheSizeNeedsOrNone() throws InterruptedException {
        assertThat(buffers.acquireFor(3 * 4096 + 1, Duration.ZERO)).isEmpty();
        assertThat(buffers.acquireFor(Long.MAX_VALUE, Duration.ZERO)).isEmpty();
        Optional<TransferBuffers.Lease> two = buffers.acquireFor(4097, Duration.ZERO);
        assertThat(two.orElseThrow().all()).hasSize(2);
        assertThat(buffers.acquireFor(4097, Duration.ZERO)).isEmpty();
        assertThat(buffers.acquireFor(0, Duration.ZERO).orElseThrow().all()).hasSize(1);
    }

    @Test
    void waiterGetsTheFirstThatComesBack() throws Exception {
        TransferBuffers.Lease all = buffers.acquireFor(3 * 4096, Duration.ZERO).orElseThrow();
        CompletableFuture<Optional<TransferBuffers.Lease>> waiter = CompletableFuture.supplyAsync(() -> {
            try {
                return buffers.acquire(Long.MAX_VALUE, Duration.ofSeconds(30));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        all.close();
        assertThat(waiter.get(30, TimeUnit.SECONDS)).isPresent();
    }

    @Test
    void smallBodiesNeedNotWaitForLargeOnes() throws Exception {
        TransferBuffers many = new TransferBuffers(new TransferConfig(4096, 32, Duration.ofSeconds(1)));
        long large = TransferBuffers.SMALL_BYTES + 1;
        for (int i = 0; i < 30; i++) {
            assertThat(many.acquire(large, Duration.ZERO)).isPresent();
        }
        assertThat(many.acquire(large, Duration.ZERO)).isEmpty();
        Thread waiter = new Thread(() -> {
            try {
                many.acquire(large, Duration.ofMinutes(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // at the end
            }
        });
        waiter.start();
        await().until(() -> many.waiting() == 1);
        TransferBuffers.Lease small =
                many.acquire(TransferBuffers.SMALL_BYTES, Duration.ZERO).orElseThrow();
        assertThat(many.acquireFor(1, Duration.ZERO)).isPresent();
        assertThat(many.acquireFor(1, Duration.ZERO)).as("all 32 are in use").isEmpty();
        small.close();
        assertThat(many.acquire(large, Duration.ZERO))
                .as("it is no large one's")
                .isEmpty();
        assertThat(many.available()).isEqualTo(1);
    }

    @Test
    void bodyThatFillsItsBuffersGetsMoreWhileManyAreFree() throws Exception {
        TransferBuffers many = new TransferBuffers(new TransferConfig(4096, 16, Duration.ofSeconds(1)));
        List<TransferBuffers.Lease> leases = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            leases.add(many.acquire(Long.MAX_VALUE, Duration.ZERO).orElseThrow());
        }
        TransferBuffers.Lease first = leases.get(0);
        assertThat(first.piece().buffers()).as("at first").hasSize(1);
        leases.forEach(lease -> lease.filled(true));
        assertThat(first.piece().buffers()).hasSize(4);
        assertThat(leases.get(1).piece().buffers()).as("half of them stay free").hasSize(1);
        assertThat(many.available()).isEqualTo(10);
        first.filled(false);
        assertThat(first.piece().buffers()).as("it keeps them").hasSize(4);
        first.close();
        first.close();
        assertThat(many.available()).isEqualTo(14);
    }

    @Test
    void bodyGivesBackWhatItHasMoreWhenOthersNeedIt() throws Exception {
        TransferBuffers many = new TransferBuffers(new TransferConfig(4096, 16, Duration.ofSeconds(1)));
        TransferBuffers.Lease fast = many.acquire(Long.MAX_VALUE, Duration.ZERO).orElseThrow();
        fast.filled(true);
        assertThat(fast.piece().buffers()).hasSize(4);
        for (int i = 0; i < 8; i++) {
            assertThat(many.acquire(Long.MAX_VALUE, Duration.ZERO)).isPresent();
        }
        assertThat(fast.piece().buffers()).as("3 of 15 are free").hasSize(1);
        fast.filled(true);
        assertThat(fast.piece().buffers()).as("too few are free").hasSize(1);
        assertThat(many.available()).isEqualTo(7);
    }

    @Test
    void noMoreWaitThanMay() throws Exception {
        ExecutorService waiters = Executors.newCachedThreadPool();
        try {
            List<TransferBuffers.Lease> large = new ArrayList<>();
            List<Future<?>> waiting = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                large.add(buffers.acquire(Long.MAX_VALUE, Duration.ZERO).orElseThrow());
            }
            for (int i = 0; i < TransferBuffers.MAX_WAITING; i++) {
                waiting.add(waiters.submit(() -> buffers.acquire(Long.MAX_VALUE, Duration.ofMinutes(10))));
            }
            await().until(() -> buffers.waiting() == TransferBuffers.MAX_WAITING);
            assertThat(buffers.acquire(Long.MAX_VALUE, Duration.ofMinutes(10))).isEmpty();
            large.get(0).close();
            await().until(() -> waiting.stream().anyMatch(Future::isDone));
        } finally {
            waiters.shutdownNow();
        }
    }
}
