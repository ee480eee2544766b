package dev.spegel.agent;

import static java.util.Objects.requireNonNull;

import dev.spegel.routing.Key;
import dev.spegel.routing.Lookup;
import dev.spegel.routing.Router;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One look-up for nothing, as soon as there is somebody to ask. The first one in a process loads classes for longer than the 20 ms
 * that a request waits for a peer; better this one than that of the first pull.
 */
final class WarmUp implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

    /** No digest, and no tag of a registry: nobody has it. */
    private static final Key NOTHING = new Key("warm-up");

    private static final Duration POLL_INTERVAL = Duration.ofMillis(100);
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final Router router;

    WarmUp(Router router) {
        this.router = requireNonNull(router, "router");
    }

    /** Returns when it is done, or interrupted. */
    @Override
    public void run() {
        try {
            while (!router.ready()) {
                Thread.sleep(POLL_INTERVAL.toMillis());
            }
            try (Lookup lookup = router.lookup(NOTHING, 1)) {
                Lookup.Next next = lookup.next(LIMIT);
                LOG.debug("Warmed up: {}", next);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the agent ends
        }
    }
}
