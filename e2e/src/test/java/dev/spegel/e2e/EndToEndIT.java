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

/** Every step of the plays passes, that of the main job with each containerd that is here. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class EndToEndIT {
    private static final AgentProgram OURS =
            AgentProgram.ours(Path.of("..", "bin", "spegel").toAbsolutePath().normalize());

    @BeforeAll
    static void needs() throws Exception {
        Optional<String> lacking = Needs.lacking();
        lacking.ifPresent(need -> System.err.println("Tests are left out that need " + need));
        assumeThat(lacking).isEmpty();
    }

    private static void assertPasses(ContainerdRelease release, Play.Stage stage) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        assertThat(EndToEnd.run(release, stage, out)).isEmpty();
    }

    @Test
    void everyStepPassesWithTheInstalledContainerd() throws Exception {
        assertPasses(ContainerdRelease.installed().orElseThrow(), Scenario.of(OURS));
    }

    @Test
    void everyStepPassesWithTheNewestContainerd() throws Exception {
        String programs = System.getProperty("spegel.containerd.unstable", "");
        assumeThat(programs).as("where a containerd of 2.1 or later is").isNotEmpty();
        assertPasses(ContainerdRelease.in(Path.of(programs)), Scenario.of(OURS));
    }

    /** Agents are replaced one by one without a failed pull; with {@code -Dspegel.against=FILE} also the Go implementation's by ours. */
    @Test
    void agentsAreReplacedUnderPulls() throws Exception {
        String binary = System.getProperty("spegel.against", "");
        Optional<AgentProgram> other =
                binary.isEmpty() ? Optional.empty() : Optional.of(AgentProgram.go(Path.of(binary)));
        assertPasses(ContainerdRelease.installed().orElseThrow(), RollingUpgrade.of(OURS, other));
    }
}
