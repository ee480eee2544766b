package dev.spegel.libp2p.tls;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class TlsEngineTest {
    @Test
    void theJdksIsAlwaysThere() {
        assertThat(TlsEngine.JDK.isAvailable()).isTrue();
    }

    /** So that the tests of both engines can't become tests of one without notice: this library is on the tests' class path. */
    @Test
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
    void theNativeOneIsThereAndPreferred() {
        assertThat(TlsEngine.NATIVE.isAvailable()).isTrue();
        assertThat(TlsEngine.best()).isEqualTo(TlsEngine.NATIVE);
    }
}
