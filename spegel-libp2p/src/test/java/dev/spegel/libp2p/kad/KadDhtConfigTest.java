package dev.spegel.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KadDhtConfigTest {
    @Test
    void protocolIsPrefixAndVersion() {
        assertThat(KadDhtConfig.DEFAULTS.protocol()).isEqualTo("/ipfs/kad/1.0.0");
        assertThat(KadDhtConfig.DEFAULTS.withPrefix("/spegel").protocol()).isEqualTo("/spegel/kad/1.0.0");
        assertThat(KadDhtConfig.DEFAULTS.withPrefix("/ipfs/lan").protocol()).isEqualTo("/ipfs/lan/kad/1.0.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "spegel", "/spegel/", "/spe gel", "//spegel"})
    void otherPrefixesAreRefused(String prefix) {
        assertThatThrownBy(() -> KadDhtConfig.DEFAULTS.withPrefix(prefix))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + prefix + "\"");
    }

    @Test
    void longPrefixesAreRefused() {
        assertThat(KadDhtConfig.DEFAULTS.withPrefix("/" + "p".repeat(63)).prefix())
                .hasSize(64);
        assertThatThrownBy(() -> KadDhtConfig.DEFAULTS.withPrefix("/" + "p".repeat(64)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 64");
    }
}
