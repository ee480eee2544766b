package dev.spegel.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ContainerdClientIT {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource
    void asksARealContainerd(ContainerdRelease release) throws Exception {
        release.assumeUsable();
        try (ContainerdDaemon daemon = ContainerdDaemon.in(directory, release).start();
                ContainerdClient client = new ContainerdClient(daemon.config())) {
            assertThat(client.version()).containsPattern("[12]\\.[0-9]+\\.[0-9]+");
            assertThat(client.contentRoot()).contains(daemon.contentDirectory());
            assertThat(client.image("registry.example/none:1")).isEmpty();
        }
    }
}
