package dev.spegel.interop;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for what other programs do in their own time. */
final class Wait {
    /** Generous: go-libp2p allows identify 5 s and a check of a new peer 10 s, and a loaded machine is slow. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final Duration INTERVAL = Duration.ofMillis(100);

    private Wait() {}

    static void until(Callable<Boolean> fact) {
        until(LIMIT, fact);
    }

    static void until(Duration limit, Callable<Boolean> fact) {
        await().atMost(limit).pollInterval(INTERVAL).pollDelay(Duration.ZERO).until(fact);
    }
}
