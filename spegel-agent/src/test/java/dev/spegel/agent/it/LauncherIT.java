package dev.spegel.agent.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code bin/spegel} makes of its environment. */
class LauncherIT {
    private static final Path LAUNCHER = Path.of("..", "bin", "spegel");
    private static final Path ARCHIVES = Path.of("target", "classes-archive");
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @RegisterExtension
    private final Processes processes = new Processes();

    @ParameterizedTest
    @CsvSource({
        "128Mi, 67108864, 33554432",
        "134217728, 67108864, 33554432",
        "0.25Gi, 134217728, 67108864",
        "270M, 134217728, 67108864",
        "1Gi, 536870912, 268435456"
    })
    void memoryIsSplit(String memory, String heapBytes, String directBytes) throws Exception {
        // "270M" are 257 MiB: the parts are whole MiB, rounded down.
        String flags = run(Map.of("SPEGEL_MEMORY", memory, "SPEGEL_JAVA_OPTS", "-XX:+PrintFlagsFinal"), 0, "version");
        assertThat(flags)
                .containsPattern("MaxHeapSize += " + heapBytes + " ")
                .containsPattern("MaxDirectMemorySize += " + directBytes + " ")
                .containsPattern("UseSerialGC += true ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"64Mi", "0", "lots", "128MiB", "-1", "1e9", "1000000000Gi"})
    void memoryThatIsWrongOrTooLittleIsOneSentenceAndExitCode2(String memory) throws Exception {
        assertThat(run(Map.of("SPEGEL_MEMORY", memory), 2, "version").lines())
                .singleElement()
                .asString()
                .startsWith("spegel: SPEGEL_MEMORY ")
                .endsWith(", got \"" + memory + "\"");
    }

    @Test
    void theArchiveOfClassesIsMadeOnceAndUsed() throws Exception {
        run(Map.of(), 0, "registry", "--help");
        assertThat(ARCHIVES).isDirectoryContaining("glob:**.jsa");
        assertThat(run(Map.of(), 0, "registry", "--help")).startsWith("Usage: spegel registry");
        assertThat(sourceOfMain(Map.of())).contains("shared objects file (top)");
        assertThat(sourceOfMain(Map.of("SPEGEL_ARCHIVE", "off"))).contains(".jar");
        try (Stream<Path> left = Files.list(ARCHIVES)) {
            assertThat(left).noneMatch(path -> path.getFileName().toString().startsWith("making-"));
        }
    }

    private String sourceOfMain(Map<String, String> environment) throws Exception {
        Map<String, String> all = new HashMap<>(environment);
        all.put("SPEGEL_JAVA_OPTS", "-Xlog:class+load");
        return run(all, 0, "version")
                .lines()
                .filter(line -> line.contains(" dev.spegel.agent.cli.Main source: "))
                .findFirst()
                .orElseThrow();
    }

    private String run(Map<String, String> environment, int exitCode, String... arguments) throws Exception {
        List<String> command = Stream.concat(Stream.of(LAUNCHER.toString()), Stream.of(arguments))
                .toList();
        Processes.Child child = processes.start("spegel", environment, command);
        assertThat(child.exitCode(LIMIT)).isEqualTo(exitCode);
        return child.log();
    }
}
