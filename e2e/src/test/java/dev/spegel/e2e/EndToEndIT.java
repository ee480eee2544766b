package dev.spegel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.spegel.lab.ContainerdRelease;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every step of the scenario passes, with each containerd that is here. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class EndToEndIT {
    private static final Path LAUNCHER =
            Path.of("..", "bin", "spegel").toAbsolutePath().normalize();

    @BeforeAll
    static void needs() throws Exception {
        Optional<String> lacking = Needs.lacking();
        lacking.ifPresent(need -> System.err.println("Tests are left out that need " + need));
        assumeThat(lacking).isEmpty();
    }

    private static void assertPasses(ContainerdRelease release) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        assertThat(EndToEnd.run(release, LAUNCHER, out)).isEmpty();
    }

    @Test
    void everyStepPassesWithTheInstalledContainerd() throws Exception {
        assertPasses(ContainerdRelease.installed().orElseThrow());
    }

    @Test
    void everyStepPassesWithTheNewestContainerd() throws Exception {
        String programs = System.getProperty("spegel.containerd.unstable", "");
        assumeThat(programs).as("where a containerd of 2.1 or later is").isNotEmpty();
        assertPasses(ContainerdRelease.in(Path.of(programs)));
    }
}
