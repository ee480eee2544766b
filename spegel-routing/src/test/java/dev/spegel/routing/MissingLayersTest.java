package dev.spegel.routing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.spegel.oci.Digest;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MissingLayersTest {
    private static final Digest LAYER = digest("layer");
    private static final Digest SECOND = digest("second");
    private static final Digest THIRD = digest("third");
    private static final Duration LIFETIME = Duration.ofMinutes(5);
    private static final MissingLayerConfig CONFIG = new MissingLayerConfig(
            2, 1, Duration.ofSeconds(1), LIFETIME, Duration.ofSeconds(10), Duration.ofSeconds(30));

    private final MissingLayers missing = new MissingLayers(CONFIG, new Random(1));
    private long now = Long.MAX_VALUE - 5; // wraps soon

    private static Digest digest(String name) {
        return Digest.ofSha256(name.getBytes(UTF_8));
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    @Test
    void aLayerIsLookedUpAtOnceAndByOneAtATime() {
        assertThat(missing.untilDue(now)).isGreaterThan(Duration.ofHours(1));
        missing.add(LAYER);
        missing.add(LAYER);
        assertThat(missing.untilDue(now)).isZero();
        assertThat(missing.takeDue(now, 10)).containsExactly(LAYER);
        missing.add(LAYER);
        assertThat(missing.takeDue(now, 10)).isEmpty();
        assertThat(missing.untilDue(now)).isGreaterThan(Duration.ofHours(1));
    }

    @Test
    void noMoreAreGivenThanAskedFor() {
        missing.add(LAYER);
        missing.add(SECOND);
        assertThat(missing.takeDue(now, 0)).isEmpty();
        assertThat(missing.takeDue(now, 1)).containsExactly(LAYER);
        assertThat(missing.takeDue(now, 1)).containsExactly(SECOND);
    }

    @Test
    void aFindIsBelievedForItsLifetime() {
        missing.add(LAYER);
        missing.takeDue(now, 1);
        assertThat(missing.lookedUp(LAYER, true, now)).isTrue();
        assertThat(missing.isElsewhere(LAYER)).isTrue();
        assertThat(missing.untilDue(now)).isEqualTo(LIFETIME);
        pass(LIFETIME.minusNanos(1));
        assertThat(missing.takeDue(now, 1)).isEmpty();
        pass(Duration.ofNanos(1));
        assertThat(missing.takeDue(now, 1)).containsExactly(LAYER);
        assertThat(missing.isElsewhere(LAYER))
                .as("until the look-up says otherwise")
                .isTrue();
        assertThat(missing.lookedUp(LAYER, true, now)).isFalse();
        pass(LIFETIME);
        missing.takeDue(now, 1);
        assertThat(missing.lookedUp(LAYER, false, now)).isTrue();
        assertThat(missing.isElsewhere(LAYER)).isFalse();
    }

    @Test
    void missesAreLookedUpAgainLessAndLessOften() {
        missing.add(LAYER);
        for (int seconds : List.of(10, 20, 30, 30, 30)) {
            assertThat(missing.takeDue(now, 1)).containsExactly(LAYER);
            assertThat(missing.lookedUp(LAYER, false, now)).isFalse();
            Duration wait = missing.untilDue(now);
            assertThat(wait).isBetween(Duration.ofSeconds(seconds).dividedBy(2), Duration.ofSeconds(seconds));
            pass(wait);
        }
        missing.takeDue(now, 1);
        missing.lookedUp(LAYER, true, now);
        pass(LIFETIME);
        missing.takeDue(now, 1);
        missing.lookedUp(LAYER, false, now);
        assertThat(missing.untilDue(now)).as("from the start again").isLessThanOrEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void whatIsRemovedIsForgotten() {
        missing.add(LAYER);
        assertThat(missing.remove(LAYER)).isFalse();
        assertThat(missing.takeDue(now, 1)).isEmpty();
        missing.add(LAYER);
        missing.takeDue(now, 1);
        missing.lookedUp(LAYER, true, now);
        assertThat(missing.remove(LAYER)).isTrue();
        assertThat(missing.remove(LAYER)).isFalse();
        assertThat(missing.isElsewhere(LAYER)).isFalse();
        pass(LIFETIME);
        assertThat(missing.takeDue(now, 1)).isEmpty();
        assertThat(missing.lookedUp(LAYER, true, now)).as("a late result").isFalse();
        assertThat(missing.isElsewhere(LAYER)).isFalse();
    }

    @Test
    void aLayerThatWentAndCameBackWhileItWasLookedUpIsGivenOnce() {
        missing.add(LAYER);
        missing.takeDue(now, 1);
        missing.remove(LAYER);
        missing.add(LAYER);
        assertThat(missing.takeDue(now, 1)).containsExactly(LAYER);
        missing.lookedUp(LAYER, false, now);
        missing.lookedUp(LAYER, true, now);
        pass(LIFETIME);
        assertThat(missing.takeDue(now, 10)).containsExactly(LAYER);
    }

    @Test
    void beyondTheBoundLayersWaitForAPlace() {
        missing.add(LAYER);
        missing.add(SECOND);
        missing.add(THIRD);
        assertThat(missing.takeDue(now, 10)).containsExactly(LAYER, SECOND);
        missing.lookedUp(LAYER, false, now);
        missing.lookedUp(SECOND, false, now);
        assertThat(missing.untilDue(now)).as("no busy loop").isGreaterThanOrEqualTo(Duration.ofSeconds(5));
        missing.remove(LAYER);
        assertThat(missing.untilDue(now)).isZero();
        assertThat(missing.takeDue(now, 10)).containsExactly(THIRD);
    }

    @Test
    void whatMayHaveGoneComesBeforeWhatMayHaveCome() {
        missing.add(LAYER);
        missing.takeDue(now, 1);
        missing.lookedUp(LAYER, true, now);
        pass(LIFETIME);
        missing.add(SECOND);
        assertThat(missing.takeDue(now, 1)).containsExactly(LAYER);
        assertThat(missing.takeDue(now, 1)).containsExactly(SECOND);
    }

    @Test
    void settingsMakeSense() {
        Duration second = Duration.ofSeconds(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MissingLayerConfig(0, 1, second, second, second, second));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MissingLayerConfig(1, 0, second, second, second, second));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MissingLayerConfig(1, 1, Duration.ZERO, second, second, second));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MissingLayerConfig(1, 1, second, second, LIFETIME, second));
    }
}
