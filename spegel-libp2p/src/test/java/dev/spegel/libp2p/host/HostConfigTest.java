package dev.spegel.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HostConfigTest {
    @Test
    void anAgentVersionFitsIntoWhatPeersRead() {
        String longest = "ü".repeat(HostConfig.MAX_AGENT_VERSION_BYTES / 2);
        assertThat(HostConfig.builder().agentVersion(longest).build().agentVersion())
                .isEqualTo(longest);

        assertThatThrownBy(
                        () -> HostConfig.builder().agentVersion(longest + "x").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("agentVersion has at most 256 bytes, got 257: \"");
    }

    @Test
    void boundsArePositiveAndInOrder() {
        assertThatThrownBy(() -> HostConfig.builder().connections(5, 4).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("keptConnections is at most maxConnections, got 5 and 4");
        assertThatThrownBy(() -> HostConfig.builder().maxPendingConnections(0).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxPendingConnections must be positive, got 0");
        assertThatThrownBy(() -> HostConfig.builder().streamLimit(Duration.ZERO).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("streamLimit must be positive, got PT0S");
    }

    @Test
    void eachWayOfSecuringIsNamedOnce() {
        assertThatThrownBy(() -> HostConfig.builder()
                        .security(HostConfig.Security.TLS, HostConfig.Security.TLS)
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none twice");
        assertThatThrownBy(() -> HostConfig.builder().security().build()).isInstanceOf(IllegalArgumentException.class);
    }
}
