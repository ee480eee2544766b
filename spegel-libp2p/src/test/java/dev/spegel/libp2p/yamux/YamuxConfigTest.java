package dev.spegel.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class YamuxConfigTest {
    static Stream<YamuxConfig.Builder> wrong() {
        return Stream.of(
                YamuxConfig.builder().maxInboundStreams(0),
                YamuxConfig.builder().maxOutboundStreams(0),
                YamuxConfig.builder().acceptBacklog(0),
                YamuxConfig.builder().maxWindowBytes(ReceiveWindow.INITIAL - 1),
                YamuxConfig.builder().maxReceivedBytes(ReceiveWindow.INITIAL - 1),
                YamuxConfig.builder().maxUnsentBytesPerStream(0),
                YamuxConfig.builder().maxUnsentBytesPerStream(1000).maxUnsentBytes(999),
                YamuxConfig.builder().pingInterval(Duration.ZERO),
                YamuxConfig.builder().pingTimeout(Duration.ofNanos(-1)),
                YamuxConfig.builder().writeTimeout(Duration.ZERO));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void refusesBoundsThatCannotHold(YamuxConfig.Builder builder) {
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("\\w+ must be .*, got .*");
    }

    @Test
    void theDefaultsAreThoseOfGoLibp2pWhereItHasThem() {
        assertThat(YamuxConfig.DEFAULTS)
                .isEqualTo(new YamuxConfig(
                        256,
                        128,
                        256,
                        16 << 20,
                        16 << 20,
                        256 << 10,
                        4 << 20,
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(10)));
    }
}
