package dev.spegel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.containerd.ContainerdStatus;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ContainerdHealthTest {
    private static final Path SOCKET = Path.of("/run/containerd/containerd.sock");

    private static ContainerdHealth health(ContainerdStatus status) {
        return new ContainerdHealth(SOCKET, () -> status);
    }

    @Test
    void oneThatHasNeverAnsweredIsNoNodeToServe() {
        ContainerdHealth health = health(new ContainerdStatus(
                false, false, Optional.empty(), Optional.empty(), 0, 0, 0, 0, 0, Map.of(), List.of("no such file")));
        assertThat(health.notReadyBecause())
                .contains(
                        "containerd hasn't answered yet at /run/containerd/containerd.sock; trying again until it does");
        assertThat(health.remarks())
                .containsExactly("containerd: version unknown, not connected", "containerd: no such file");
    }

    @Test
    void oneThatIsFollowedIsDescribed() {
        ContainerdHealth health = health(new ContainerdStatus(
                true,
                true,
                Optional.of("2.1.9"),
                Optional.of(Path.of("/content")),
                5,
                60,
                0,
                0,
                1,
                Map.of(),
                List.of()));
        assertThat(health.notReadyBecause()).isEmpty();
        assertThat(health.remarks())
                .containsExactly(
                        "containerd: version 2.1.9, connected",
                        "containerd: 5 images, 60 contents, read from /content");
    }

    @Test
    void oneThatIsGoneDoesNotMakeTheNodeUseless() {
        ContainerdHealth health = health(new ContainerdStatus(
                true, false, Optional.of("1.6.20"), Optional.empty(), 5, 60, 2, 3, 1, Map.of(), List.of("it is gone")));
        assertThat(health.notReadyBecause()).isEmpty();
        assertThat(health.remarks())
                .containsExactly(
                        "containerd: version 1.6.20, not connected",
                        "containerd: it is gone",
                        "containerd: 5 images, 60 contents, read from its socket",
                        "containerd: 2 images have names that are no references; they are shared by digest only",
                        "containerd: 3 contents aren't served, as their files have the wrong size");
    }
}
