package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether something outside works, when to try it again if it doesn't, and a line in the log for each change. For one thread. */
final class Outage {
    private static final Logger log = LoggerFactory.getLogger(Outage.class);

    private final String what;
    private final Backoff backoff;
    private final LongSupplier nanoClock;
    private boolean on;
    /** Whether the log says that it fails. */
    private boolean told;

    private long failedAtNanos;
    private Duration wait = Duration.ZERO;

    Outage(String what, AdvertiserConfig config, RandomGenerator random, LongSupplier nanoClock) {
        this.what = requireNonNull(what, "what");
        this.backoff = new Backoff(config.firstBackoff(), config.longestBackoff(), random);
        this.nanoClock = requireNonNull(nanoClock, "nanoClock");
    }

    void failed(Exception failure) {
        if (!told && failure instanceof RuntimeException) {
            log.error("{} fails, by a bug here or there; trying again until it works", what, failure);
        } else if (!told) {
            log.warn("{} fails; trying again until it works: {}", what, failure.toString());
        } else {
            log.debug("{} fails still: {}", what, failure.toString());
        }
        told = true;
        postponed();
    }

    /** It doesn't work now, and that is nothing to tell anybody of. */
    void postponed() {
        on = true;
        failedAtNanos = nanoClock.getAsLong();
        wait = backoff.next();
    }

    /** It can't work yet, which somebody else tells of; it is worth a try soon, however often it is. */
    void notYet(Duration untilRetry) {
        on = true;
        failedAtNanos = nanoClock.getAsLong();
        wait = untilRetry;
    }

    void over() {
        if (told) {
            log.info("{} works again", what);
            told = false;
        }
        if (on) {
            on = false;
            backoff.reset();
        }
    }

    boolean isOn() {
        return on;
    }

    /** How long the last retry waited, or is to wait. */
    Duration lastWait() {
        return wait;
    }

    /** Zero if there is no outage, or it is time. */
    Duration untilRetry() {
        if (!on) {
            return Duration.ZERO;
        }
        Duration left = wait.minusNanos(nanoClock.getAsLong() - failedAtNanos);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Something changed for the better, perhaps: don't wait. */
    void retryNow() {
        wait = Duration.ZERO;
    }
}
