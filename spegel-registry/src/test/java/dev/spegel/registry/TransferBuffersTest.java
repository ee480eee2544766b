package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TransferBuffersTest {
    private final TransferBuffers buffers = new TransferBuffers(new TransferConfig(4096, 3, Duration.ofSeconds(1)));

    @Test
    void noMoreThanConfiguredAreHandedOut() throws InterruptedException {
        TransferBuffers.Lease one = buffers.acquire(Duration.ZERO).orElseThrow();
        assertThat(buffers.acquire(Duration.ZERO)).isPresent();
        assertThat(buffers.acquire(Duration.ZERO)).isPresent();
        assertThat(buffers.acquire(Duration.ofMillis(1))).isEmpty();
        one.close();
        assertThat(buffers.acquire(Duration.ZERO)).isPresent();
    }

    @Test
    void closingTwiceGivesBackOnce() throws InterruptedException {
        TransferBuffers.Lease lease = buffers.acquire(Duration.ZERO).orElseThrow();
        lease.close();
        lease.close();
        assertThat(buffers.available()).isEqualTo(3);
    }

    @Test
    void bufferIsUsedAgain() throws InterruptedException {
        ByteBuffer first;
        try (TransferBuffers.Lease lease = buffers.acquire(Duration.ZERO).orElseThrow()) {
            first = lease.first();
        }
        assertThat(buffers.acquire(Duration.ZERO).orElseThrow().first()).isSameAs(first);
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
                return buffers.acquire(Duration.ofSeconds(30));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        all.close();
        assertThat(waiter.get(30, TimeUnit.SECONDS)).isPresent();
    }
}
