package dev.spegel.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code configuration}, {@code cleanup} and {@code cleanup-wait}: words in; files, text and an exit code out. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class MirrorCommandsTest {
    private static final Pattern SAID = Pattern.compile("saying so on \\S*?127\\.0\\.0\\.1:(\\d+)");

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Map<String, String> environment = new HashMap<>();
    private final StopSignal stop = new StopSignal();

    private int run(String... arguments) {
        Surroundings surroundings = new Surroundings(
                environment,
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                directory.resolve("secrets"),
                stop);
        return new CommandShell(Main.COMMANDS, surroundings).run(arguments);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private Path configPath() {
        return directory.resolve("certs.d");
    }

    private String configPathFlag() {
        return "--containerd-registry-config-path=" + configPath();
    }

    private String hosts(String registry) throws IOException {
        return Files.readString(configPath().resolve(registry).resolve("hosts.toml"));
    }

    @Test
    void configuresAllRegistriesByDefault() throws IOException {
        assertThat(run("configuration", configPathFlag(), "--mirror-targets", "http://10.0.0.1:30020"))
                .isEqualTo(ExitCode.OK);
        assertThat(hosts("_default")).endsWith("""

                [host."http://10.0.0.1:30020"]
                capabilities = ["pull", "resolve"]
                dial_timeout = "200ms"
                """);
        assertThat(err()).contains("Wrote _default in ");
    }

    @Test
    void takesTheFlagsOfTheHelmChart() throws IOException {
        assertThat(run(
                        "configuration",
                        "--log-level=INFO",
                        configPathFlag(),
                        "--mirrored-registries",
                        "https://docker.io",
                        "http://registry.lan:5000",
                        "--mirror-targets",
                        "http://fd00::1:30020",
                        "http://10.0.0.9:30020",
                        "--resolve-tags=false",
                        "--prepend-existing=true"))
                .isEqualTo(ExitCode.OK);
        assertThat(hosts("docker.io"))
                .contains("server = \"https://registry-1.docker.io\"")
                .containsSubsequence(
                        "[host.\"http://fd00::1:30020\"]\ncapabilities = [\"pull\"]\n",
                        "[host.\"http://10.0.0.9:30020\"]\ncapabilities = [\"pull\"]\n");
        assertThat(hosts("registry.lan:5000")).contains("server = \"http://registry.lan:5000\"");
    }

    @Test
    void takesVariables() throws IOException {
        environment.put("CONTAINERD_REGISTRY_CONFIG_PATH", configPath().toString());
        environment.put("MIRRORED_REGISTRIES", "https://ghcr.io,https://quay.io");
        environment.put("MIRROR_TARGETS", "http://10.0.0.1:30020");
        environment.put("RESOLVE_TAGS", "false");
        assertThat(run("configuration")).isEqualTo(ExitCode.OK);
        assertThat(hosts("ghcr.io")).contains("capabilities = [\"pull\"]");
        assertThat(hosts("quay.io")).contains("capabilities = [\"pull\"]");
    }

    @Test
    void containerdShowsTheCredentials() throws IOException {
        Files.createDirectory(directory.resolve("secrets"));
        Files.writeString(directory.resolve("secrets/username"), "hello");
        Files.writeString(directory.resolve("secrets/password"), "world\n");
        assertThat(run("configuration", configPathFlag(), "--mirror-targets=http://10.0.0.1:30020"))
                .isEqualTo(ExitCode.OK);
        assertThat(hosts("_default")).contains("Authorization = \"Basic aGVsbG86d29ybGQ=\"");
        assertThat(err()).doesNotContain("aGVsbG86d29ybGQ", "world");
    }

    static Stream<List<String>> wrong() {
        String target = "--mirror-targets=http://10.0.0.1:30020";
        return Stream.of(
                List.of("--mirror-targets: containerd needs a mirror to ask", "configuration"),
                List.of("--mirror-targets: a mirror target is http://", "configuration", "--mirror-targets=10.0.0.1:1"),
                List.of(
                        "--mirrored-registries: a mirrored registry",
                        "configuration",
                        target,
                        "--mirrored-registries=a/b"),
                List.of(
                        "--mirrored-registries: hosts.toml knows no",
                        "configuration",
                        target,
                        "--mirrored-registries=*.io"),
                List.of(
                        "registry \"ghcr.io\" is named twice",
                        "configuration",
                        target,
                        "--mirrored-registries=ghcr.io,ghcr.io"),
                List.of("--resolve-tags: true or false", "configuration", target, "--resolve-tags=maybe"),
                List.of("--prepend-existing: true or false", "configuration", target, "--prepend-existing=2"),
                List.of("--addr: there must be an address", "cleanup"),
                List.of("--addr: an address is host:port", "cleanup", "--addr=8080"),
                List.of("--probe-endpoint: there must be an address", "cleanup-wait"),
                List.of("--probe-endpoint: an endpoint has a host", "cleanup-wait", "--probe-endpoint=:8080"),
                List.of("--threshold: a whole number", "cleanup-wait", "--probe-endpoint=h:1", "--threshold=0"),
                List.of("--period: a duration is", "cleanup-wait", "--probe-endpoint=h:1", "--period=2"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void aSettingThatMakesNoSenseIsRefused(List<String> messageAndWords) {
        environment.put("CONTAINERD_REGISTRY_CONFIG_PATH", configPath().toString());
        List<String> words = messageAndWords.subList(1, messageAndWords.size());
        assertThat(run(words.toArray(String[]::new))).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains(messageAndWords.get(0));
        assertThat(configPath()).doesNotExist();
    }

    @Test
    void allThatIsWrongIsSaidAtOnce() {
        assertThat(run(
                        "configuration",
                        configPathFlag(),
                        "--mirror-targets=x",
                        "--mirrored-registries=a/b",
                        "--resolve-tags=x"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err())
                .contains(
                        "3 settings can't be used",
                        "  --mirror-targets: ",
                        "  --mirrored-registries: ",
                        "  --resolve-tags: ");
    }

    @Test
    void aDirectoryThatCannotBeMadeIsAFailure() {
        assertThat(run(
                        "configuration",
                        "--containerd-registry-config-path=" + directory.resolve("none/certs.d"),
                        "--mirror-targets=http://10.0.0.1:1"))
                .isEqualTo(ExitCode.FAILURE);
        assertThat(err())
                .contains("spegel: there is no directory " + directory.resolve("none"))
                .doesNotContain("\tat ");
    }

    @Test
    void cleanupRestoresAndIsWaitedFor() throws Exception {
        Files.createDirectories(configPath().resolve("docker.io"));
        Files.writeString(configPath().resolve("docker.io/hosts.toml"), "server = 'https://before'\n");
        assertThat(run("configuration", configPathFlag(), "--mirror-targets=http://10.0.0.1:30020"))
                .isEqualTo(ExitCode.OK);
        assertThat(configPath().resolve("docker.io")).doesNotExist();

        CompletableFuture<Integer> cleanup =
                CompletableFuture.supplyAsync(() -> run("cleanup", "--addr=127.0.0.1:0", configPathFlag()));
        Matcher said = await().until(() -> SAID.matcher(err()), Matcher::find);
        assertThat(hosts("docker.io")).isEqualTo("server = 'https://before'\n");
        assertThat(configPath().resolve("_backup")).doesNotExist();
        assertThat(configPath().resolve("_default")).doesNotExist();

        assertThat(run("cleanup-wait", "--probe-endpoint=127.0.0.1:" + said.group(1), "--period=10ms"))
                .isEqualTo(ExitCode.OK);
        assertThat(cleanup).isNotDone();
        stop.stop();
        assertThat(cleanup.get(10, TimeUnit.SECONDS)).isEqualTo(ExitCode.OK);
    }

    @Test
    void waitingEndsWithTheProcess() {
        stop.stop();
        assertThat(run("cleanup-wait", "--probe-endpoint=127.0.0.1:1")).isEqualTo(ExitCode.INTERRUPTED);
    }
}
