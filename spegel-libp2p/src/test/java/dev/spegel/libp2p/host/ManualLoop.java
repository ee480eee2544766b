package dev.spegel.libp2p.host;

import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** An event loop whose time moves only when a test moves it, and where every thread is at home. */
final class ManualLoop {
    private final MockTicker ticker = Ticker.newMockTicker();
    private final EmbeddedChannel channel =
            EmbeddedChannel.builder().ticker(ticker).build();

    EventLoop executor() {
        return channel.eventLoop();
    }

    long nowNanos() {
        return ticker.nanoTime();
    }

    /** Runs what is due now, and what that makes due. */
    void run() {
        do {
            channel.runPendingTasks();
        } while (channel.hasPendingTasks());
    }

    /** Runs what becomes due meanwhile, each at its time. */
    void advance(Duration time) {
        long end = nowNanos() + time.toNanos();
        run();
        while (nowNanos() < end) {
            long next = channel.runScheduledPendingTasks();
            long step = next < 0 ? end - nowNanos() : Math.min(Math.max(next, 1), end - nowNanos());
            ticker.advance(step, TimeUnit.NANOSECONDS);
            run();
        }
    }
}
