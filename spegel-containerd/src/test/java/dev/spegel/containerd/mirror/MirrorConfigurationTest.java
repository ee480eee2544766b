package dev.spegel.containerd.mirror;

import static dev.spegel.containerd.mirror.HostsTomlCase.mirrors;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MirrorConfigurationTest {
    @ParameterizedTest
    @CsvSource({
        "docker.io, docker.io, https://registry-1.docker.io",
        "https://docker.io, docker.io, https://registry-1.docker.io",
        "http://docker.io, docker.io, http://docker.io",
        "https://ghcr.io:443, ghcr.io:443, https://ghcr.io:443",
        "http://10.0.0.1:5000, 10.0.0.1:5000, http://10.0.0.1:5000",
        "[::1]:5000, [::1]:5000, https://[::1]:5000",
    })
    void aRegistryIsADirectoryAndAServer(String text, String host, String server) {
        assertThat(MirroredRegistry.parse(text)).isEqualTo(new MirroredRegistry(host, Optional.of(server)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "_default"})
    void allRegistriesHaveNoServer(String text) {
        assertThat(MirroredRegistry.parse(text)).isEqualTo(MirroredRegistry.ALL);
    }

    @ParameterizedTest
    @CsvSource({
        "'', a mirrored registry is http:// or https:// with a host",
        "https://, a mirrored registry is http://",
        "ftp://ghcr.io, a mirrored registry is http://",
        "https://ghcr.io/, and no path",
        "https://ghcr.io/v2, and no path",
        "https://user:secret@ghcr.io, a mirrored registry is http://",
        "https://ghcr.io?a=b, a mirrored registry is http://",
        "../etc, a mirrored registry is http://",
        ".., a mirrored registry is http://",
        "_backup, a mirrored registry is http://",
        "ghcr.io:0, the port of a mirrored registry is 1 to 65535",
        "ghcr.io:65536, the port of a mirrored registry is 1 to 65535",
        "https://[::g]:5000, a mirrored registry is http://",
        "https://[1:2]:5000, a mirrored registry has an IPv6 address in brackets",
        "*.example, hosts.toml knows no patterns",
        "https://registry-1.docker.io, images of Docker Hub are of docker.io",
        "index.docker.io, images of Docker Hub are of docker.io",
    })
    void whatIsNoRegistryIsRefused(String text, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MirroredRegistry.parse(text))
                .withMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://10.0.0.1:30020",
                "http://fd00::1:30020",
                "http://[fd00::1]:30020",
                "http://[fd00::1]",
                "https://node.example",
            })
    void aTargetIsWrittenAsItWasGiven(String text) {
        assertThat(MirrorTarget.parse(text).url()).isEqualTo(text);
    }

    @Test
    void twoWaysToWriteAnAddressAreTheSame() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MirrorConfiguration.of(
                        List.of(MirroredRegistry.ALL),
                        List.of(new MirrorTarget("http://fd00::1:1"), new MirrorTarget("http://[fd00::1]:1"))))
                .withMessage("mirror target \"http://[fd00::1]:1\" is named twice");
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:5000, a mirror target is http:// or https://",
        "*, a mirror target is http:// or https://",
        "http://:5000, a mirror target is http:// or https://",
        "http://$(NODE_IP):30020, a mirror target is http:// or https://",
        "http://fd00::1, a mirror target is http:// or https://",
        "http://1:2:3:30020, a mirror target has an IPv6 address in brackets",
        "http://0.0.0.0:5000, an address that can be connected to",
        "http://[::]:5000, an address that can be connected to",
    })
    void whatIsNoTargetIsRefused(String text, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MirrorTarget.parse(text))
                .withMessageContaining(message);
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> mirrors())
                .withMessage("a mirror configuration has registries and targets, one of each at least");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> mirrors("*", "_default"))
                .withMessage("registry \"_default\" is named twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> mirrors("http://ghcr.io", "https://ghcr.io"))
                .withMessage("registry \"ghcr.io\" is named twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MirrorConfiguration.of(
                        List.of(MirroredRegistry.ALL),
                        List.of(new MirrorTarget("http://a:1"), new MirrorTarget("http://a:1"))))
                .withMessage("mirror target \"http://a:1\" is named twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> mirrors("http://127.0.0.1:5000"))
                .withMessage("a registry isn't its own mirror: http://127.0.0.1:5000 is both");
        assertThatIllegalArgumentException().isThrownBy(() -> mirrors("*").withDialTimeout(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> mirrors("*").withAuthorization("Basic a\nb"));
    }

    @Test
    void credentialsAreNotShown() {
        assertThat(mirrors("*").withAuthorization("Basic c2VjcmV0").toString()).doesNotContain("c2VjcmV0");
    }
}
