package dev.spegel.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RotatingCredentialsTest {
    private static final BasicCredentials FIRST = new BasicCredentials("node", "first:word");
    private static final BasicCredentials SECOND = new BasicCredentials("node", "second");
    private static final BasicCredentials THIRD = new BasicCredentials("other", "third");
    private static final Duration GRACE = Duration.ofMinutes(10);

    /** Near the end, so that the clock wraps in each test. */
    private final AtomicLong nowNanos = new AtomicLong(Long.MAX_VALUE - 1);

    private final RotatingCredentials credentials = new RotatingCredentials(FIRST, GRACE, nowNanos::get);

    private void pass(Duration time) {
        nowNanos.addAndGet(time.toNanos());
    }

    @Test
    void aNewPairIsShownAtOnceAndTheOneBeforeStaysGoodForTheGrace() {
        assertThat(credentials.rotate(SECOND)).isTrue();
        assertThat(credentials.current()).isEqualTo(SECOND);
        pass(GRACE.minusNanos(1));
        assertThat(credentials.accepted()).containsExactly(SECOND, FIRST);
        assertThat(credentials.accepts(FIRST.headerValue())).isTrue();
        assertThat(credentials.accepts(SECOND.headerValue())).isTrue();
        pass(Duration.ofNanos(1));
        assertThat(credentials.accepted()).containsExactly(SECOND);
        assertThat(credentials.accepts(FIRST.headerValue())).isFalse();
        assertThat(credentials.accepts(SECOND.headerValue())).isTrue();
    }

    @Test
    void thePairThatIsThereAlreadyChangesNothing() {
        assertThat(credentials.rotate(FIRST)).isFalse();
        credentials.rotate(SECOND);
        pass(GRACE.dividedBy(2));
        assertThat(credentials.rotate(SECOND)).isFalse();
        pass(GRACE.dividedBy(2));
        assertThat(credentials.accepted()).containsExactly(SECOND); // the grace of the first wasn't begun anew
    }

    @Test
    void eachHasItsOwnGrace() {
        credentials.rotate(SECOND);
        pass(GRACE.dividedBy(2));
        credentials.rotate(THIRD);
        assertThat(credentials.accepted()).containsExactly(THIRD, SECOND, FIRST);
        pass(GRACE.dividedBy(2));
        assertThat(credentials.accepted()).containsExactly(THIRD, SECOND);
    }

    @Test
    void aChangeThatIsTakenBackLeavesEachPairOnce() {
        credentials.rotate(SECOND);
        credentials.rotate(FIRST);
        assertThat(credentials.accepted()).containsExactly(FIRST, SECOND);
        pass(GRACE);
        assertThat(credentials.accepted()).containsExactly(FIRST);
    }

    @Test
    void onlyAHandfulAreKept() {
        for (int i = 0; i < 100; i++) {
            credentials.rotate(new BasicCredentials("node", "word" + i));
        }
        assertThat(credentials.accepted())
                .extracting(BasicCredentials::password)
                .containsExactly("word99", "word98", "word97", "word96")
                .hasSize(1 + RotatingCredentials.MAX_RETIRED);
    }

    @Test
    void withoutGraceTheOldPairIsOutAtOnce() {
        RotatingCredentials strict = new RotatingCredentials(FIRST, Duration.ZERO, nowNanos::get);
        strict.rotate(SECOND);
        assertThat(strict.accepted()).containsExactly(SECOND);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Basic",
                "Basic ",
                "Basic !!!",
                "Bearer bm9kZTpzZWNvbmQ=",
                "Basic bm9kZTpzZWNvbm",
                "bm9kZTpzZWNvbmQ="
            })
    void otherHeadersAreRefused(String header) {
        credentials.rotate(SECOND);
        assertThat(credentials.accepts(header)).isFalse();
    }

    @Test
    void theSchemesCaseAndBlanksDoNotMatter() {
        assertThat(credentials.accepts(FIRST.headerValue().replace("Basic ", "bASIC   ") + " "))
                .isTrue();
    }

    @Test
    void aFixedPairIsTheOnlyOne() {
        assertThat(FIRST.accepted()).isEqualTo(List.of(FIRST));
        assertThat(FIRST.accepts(FIRST.headerValue())).isTrue();
        assertThat(FIRST.accepts(SECOND.headerValue())).isFalse();
    }

    @Test
    void passwordsAreNotShown() {
        credentials.rotate(SECOND);
        assertThat(credentials.toString()).contains("user=node").doesNotContain("first:word", "second");
    }
}
