package dev.spegel.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final Backoff backoff = new Backoff(FIRST, LONGEST, new Random(1));

    @Test
    void waitsFromTheFirstToTheLongest() {
        Duration ceiling = FIRST;
        for (int attempt = 0; attempt < 100; attempt++) {
            Duration wait = backoff.next();
            assertThat(wait).isBetween(attempt == 0 ? FIRST : ceiling.dividedBy(2), ceiling);
            ceiling = ceiling.multipliedBy(2).compareTo(LONGEST) < 0 ? ceiling.multipliedBy(2) : LONGEST;
        }
        assertThat(backoff.next()).isBetween(Duration.ofSeconds(15), LONGEST);
    }

    @Test
    void nodesThatFailTogetherComeBackApart() {
        Set<Duration> waits = new HashSet<>();
        for (int node = 0; node < 20; node++) {
            Backoff each = new Backoff(FIRST, LONGEST, new Random(node));
            each.next();
            waits.add(each.next());
        }
        assertThat(waits).hasSizeGreaterThan(15);
    }

    @Test
    void beginsAgainAfterSuccess() {
        for (int attempt = 0; attempt < 10; attempt++) {
            backoff.next();
        }
        backoff.reset();
        assertThat(backoff.next()).isEqualTo(FIRST);
    }
}
