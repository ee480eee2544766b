package dev.spegel.agent.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.agent.inspect.HistoryReport.Minute;
import dev.spegel.agent.inspect.RequestsReport.MirrorRequest;
import dev.spegel.registry.AnsweredRequest;
import dev.spegel.registry.AnsweredRequest.Kind;
import dev.spegel.registry.AnsweredRequest.Source;
import dev.spegel.testkit.ManualClock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ActivityTest {
    private static final String DIGEST = "sha256:" + "ab".repeat(32);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualClock clock = new ManualClock();
    private final Activity activity = new Activity(clock);

    private static AnsweredRequest request(boolean ofOtherNode, Source source, long bytes) {
        return new AnsweredRequest(
                "0123456789abcdef",
                "GET",
                Optional.of("docker.io"),
                "library/app",
                DIGEST,
                Kind.BLOB,
                ofOtherNode,
                source,
                source == Source.PEER ? Optional.of("10.0.0.7:5000") : Optional.empty(),
                source == Source.NOBODY ? 404 : 200,
                bytes,
                SECOND,
                source == Source.NOBODY ? Optional.of("no peer has it") : Optional.empty());
    }

    @Test
    void aHitIsRememberedWithItsPeer() {
        activity.answered(request(false, Source.PEER, 1000));
        clock.advance(Duration.ofSeconds(5));
        assertThat(activity.requests().seen()).isEqualTo(1);
        assertThat(activity.requests().requests())
                .containsExactly(new MirrorRequest(
                        "0123456789abcdef",
                        Duration.ofSeconds(5),
                        "GET",
                        "blob",
                        "docker.io/library/app@" + DIGEST,
                        true,
                        Optional.of("10.0.0.7:5000"),
                        200,
                        1000,
                        SECOND,
                        Optional.empty()));
        assertThat(activity.history().minutes()).containsExactly(new Minute(1, 0, 1000, 0, 0));
    }

    @Test
    void aMissIsRememberedWithItsReason() {
        activity.answered(request(false, Source.NOBODY, 100));
        MirrorRequest miss = activity.requests().requests().get(0);
        assertThat(miss.hit()).isFalse();
        assertThat(miss.whyNot()).contains("no peer has it");
        assertThat(activity.history().minutes()).containsExactly(new Minute(0, 1, 0, 0, 0));
    }

    @Test
    void whatTheStoreHasAndOtherNodesAskIsCountedOnly() {
        activity.answered(request(false, Source.STORE, 10));
        activity.answered(request(true, Source.STORE, 20));
        activity.answered(request(true, Source.NOBODY, 40));
        assertThat(activity.requests().seen()).isZero();
        assertThat(activity.requests().requests()).isEmpty();
        assertThat(activity.history().minutes()).containsExactly(new Minute(0, 0, 0, 20, 10));
    }

    @Test
    void theOldestIsForgotten() {
        for (int i = 0; i < ActivityView.MAX_REQUESTS + 10; i++) {
            activity.answered(request(false, Source.PEER, i));
        }
        assertThat(activity.requests().seen()).isEqualTo(ActivityView.MAX_REQUESTS + 10);
        assertThat(activity.requests().requests())
                .hasSize(ActivityView.MAX_REQUESTS)
                .first()
                .satisfies(newest -> assertThat(newest.bytes()).isEqualTo(ActivityView.MAX_REQUESTS + 9));
    }

    @Test
    void aTagIsWrittenAsSuchAndALongReasonIsCut() {
        activity.answered(new AnsweredRequest(
                "0123456789abcdef",
                "HEAD",
                Optional.empty(),
                "library/app",
                "1.0",
                Kind.MANIFEST,
                false,
                Source.NOBODY,
                Optional.empty(),
                404,
                0,
                SECOND,
                Optional.of("no ".repeat(1000))));
        MirrorRequest miss = activity.requests().requests().get(0);
        assertThat(miss.content()).isEqualTo("library/app:1.0");
        assertThat(miss.whyNot().orElseThrow()).hasSize(501).endsWith("…");
    }
}
