package dev.spegel.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KadDhtConfigTest {
    @Test
    void theProtocolFollowsFromThePrefix() {
        assertThat(KadDhtConfig.DEFAULTS.protocol()).isEqualTo("/ipfs/kad/1.0.0");
        assertThat(KadDhtConfig.DEFAULTS.withPrefix("/spegel").protocol()).isEqualTo("/spegel/kad/1.0.0");
        assertThat(KadDhtConfig.DEFAULTS.withPrefix("/a/b-1.x_").protocol()).isEqualTo("/a/b-1.x_/kad/1.0.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "spegel", "/spegel/", "//spegel", "/spe gel", "/spegel\n", "/ü"})
    void whatIsNoPrefixIsRefused(String prefix) {
        assertThatThrownBy(() -> KadDhtConfig.DEFAULTS.withPrefix(prefix))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + prefix + "\"");
    }

    @Test
    void aPrefixThatIsTooLongIsRefused() {
        assertThatThrownBy(() -> KadDhtConfig.DEFAULTS.withPrefix("/" + "a".repeat(64)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 64 characters");
    }
}
