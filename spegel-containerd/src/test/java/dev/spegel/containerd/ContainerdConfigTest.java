package dev.spegel.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerdConfigTest {
    private static final ContainerdConfig DEFAULTS = ContainerdConfig.DEFAULTS;

    @Test
    void theDefaultsAreSpegels() {
        assertThat(DEFAULTS.socket()).isEqualTo(Path.of("/run/containerd/containerd.sock"));
        assertThat(DEFAULTS.namespace()).isEqualTo("k8s.io");
        assertThat(DEFAULTS.contentDirectory()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".io", "k8s.", "a..b", "a b", "a/b", "a\"b", "ä"})
    void namespacesThatContainerdRefusesAreRefused(String namespace) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DEFAULTS.withNamespace(namespace))
                .withMessageContaining("namespace");
    }

    @Test
    void aNamespaceHasABoundedLength() {
        assertThat(DEFAULTS.withNamespace("a".repeat(76)).namespace()).hasSize(76);
        assertThatIllegalArgumentException().isThrownBy(() -> DEFAULTS.withNamespace("a".repeat(77)));
    }

    @Test
    void pathsAreAbsolute() {
        assertThatIllegalArgumentException().isThrownBy(() -> DEFAULTS.withSocket(Path.of("sock")));
        assertThatIllegalArgumentException().isThrownBy(() -> DEFAULTS.withContentDirectory(Path.of("content")));
    }

    @Test
    void limitsArePositive() {
        assertThatIllegalArgumentException().isThrownBy(() -> DEFAULTS.withRelistInterval(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> DEFAULTS.withCallLimit(Duration.ofSeconds(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> DEFAULTS.withMaxQueuedEvents(0));
    }
}
