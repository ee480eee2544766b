package dev.spegel.agent.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spegel.agent.AgentConfig;
import dev.spegel.agent.TlsConfig;
import dev.spegel.routing.tls.TlsFiles;
import dev.spegel.testkit.TestAuthority;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the containers of the Helm chart are told is what the command line takes. The chart's own tests keep the file up to date with the
 * chart.
 */
class ChartArgumentsTest {
    private static final Path RECORDED = Path.of("..", "charts", "test", "testdata", "arguments.json");

    private static final String CONFIG_PATH = "--containerd-registry-config-path=";

    private static final String PSK_FILE = "--psk-file=";

    /** Where a Secret with certificates is mounted. */
    private static final String TLS_MOUNT = "=/etc/secrets/tls/";

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    /** What one container is told, with the values that it comes from. */
    private record Invocation(String values, String container, List<String> arguments) {
        @Override
        public String toString() {
            return container + " with " + values;
        }
    }

    private static List<Invocation> recorded() throws IOException {
        List<Invocation> all = new ArrayList<>();
        for (JsonNode node : new ObjectMapper().readTree(Files.readAllBytes(RECORDED))) {
            List<String> arguments = new ArrayList<>();
            node.path("arguments").forEach(argument -> arguments.add(argument.asText()));
            all.add(new Invocation(
                    node.path("values").asText(), node.path("container").asText(), arguments));
        }
        return all;
    }

    private static Stream<Invocation> of(String command) throws IOException {
        return recorded().stream()
                .filter(invocation -> invocation.arguments().get(0).equals(command));
    }

    static Stream<Invocation> registries() throws IOException {
        return of("registry");
    }

    static Stream<Invocation> configurations() throws IOException {
        return of("configuration");
    }

    private int run(List<Subcommand> commands, List<String> arguments) {
        PrintStream stream = new PrintStream(err, true, UTF_8);
        Surroundings surroundings =
                new Surroundings(Map.of(), stream, stream, false, directory.resolve("secrets"), new StopSignal());
        return new CommandShell(commands, surroundings).run(arguments.toArray(String[]::new));
    }

    @Test
    void everyCommandOfTheChartIsThere() throws IOException {
        Set<String> commands = new TreeSet<>();
        recorded().forEach(invocation -> commands.add(invocation.arguments().get(0)));
        assertThat(commands).containsExactly("cleanup", "cleanup-wait", "configuration", "registry");
    }

    @ParameterizedTest
    @MethodSource("registries")
    void registrySettingsCanBeUsed(Invocation invocation) throws Exception {
        List<AgentConfig> read = new ArrayList<>();
        Subcommand onlyReads = new Subcommand(
                "registry",
                "Reads its settings, and starts nothing.",
                List.of(),
                RegistryFlags.GROUPS,
                List.of("spegel registry"),
                (settings, surroundings) -> {
                    LogSettings.read(settings);
                    read.add(RegistrySettings.read(settings, surroundings.basicAuthDirectory()));
                    return ExitCode.OK;
                });
        // Mounted from a Secret, and read with the settings.
        Path key = Files.writeString(
                directory.resolve("swarm.key"), "/key/swarm/psk/1.0.0/\n/base16/\n" + "ab".repeat(32) + "\n");
        TlsFiles files = new TestAuthority("cluster").issue(directory.resolve("tls"));
        List<String> arguments = invocation.arguments().stream()
                .map(argument -> argument.replace(TLS_MOUNT, "=" + directory + "/tls/"))
                .map(argument -> argument.startsWith(PSK_FILE) ? PSK_FILE + key : argument)
                .map(argument -> argument.replace("$(NODE_IP)", "10.0.0.7"))
                .toList();
        assertThat(run(List.of(onlyReads), arguments)).as("%s", err).isEqualTo(ExitCode.OK);
        assertThat(read).hasSize(1);
        String port = value(invocation.arguments(), "--registry-addr=:");
        assertThat(read.get(0).registryAddress().getPort()).isEqualTo(Integer.parseInt(port));
        assertThat(read.get(0).upkeep().mirrors().isPresent())
                .isEqualTo(invocation.values().contains("basicAuthSecretName"));
        assertThat(read.get(0).tls())
                .isEqualTo(
                        invocation.values().contains("tls: ")
                                ? Optional.of(
                                        invocation.values().contains("peerName")
                                                ? new TlsConfig(files, Optional.of("spegel.test"), true)
                                                : new TlsConfig(files, Optional.empty(), false))
                                : Optional.empty());
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void configurationsAreWritten(Invocation invocation) throws Exception {
        new TestAuthority("cluster").issue(directory.resolve("tls"));
        Path certs = directory.resolve("certs.d");
        List<String> arguments = invocation.arguments().stream()
                .map(argument -> argument.replace(TLS_MOUNT, "=" + directory + "/tls/"))
                .map(argument -> argument.startsWith(CONFIG_PATH) ? CONFIG_PATH + certs : argument)
                .map(argument -> argument.replace("$(NODE_IP)", "10.0.0.7"))
                .toList();
        assertThat(run(Main.COMMANDS, arguments)).as("%s", err).isEqualTo(ExitCode.OK);
        try (Stream<Path> files = Files.walk(certs)) {
            List<Path> hosts = files.filter(file -> file.endsWith("hosts.toml")).toList();
            assertThat(hosts)
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(file)
                            .content()
                            .contains(
                                    invocation.values().contains("tls: ") ? "https://10.0.0.7:" : "http://10.0.0.7:"));
        }
    }

    /** A node's address of IPv6 is put in without brackets, which is what containerd before 2.0 can read. */
    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.7", "fd00::7"})
    void nodesOfBothFamiliesCanBeTargets(String address) throws IOException {
        Invocation first = configurations().findFirst().orElseThrow();
        Path certs = directory.resolve("certs.d");
        List<String> arguments = first.arguments().stream()
                .map(argument -> argument.startsWith(CONFIG_PATH) ? CONFIG_PATH + certs : argument)
                .map(argument -> argument.replace("$(NODE_IP)", address))
                .toList();
        assertThat(run(Main.COMMANDS, arguments)).as("%s", err).isEqualTo(ExitCode.OK);
        assertThat(certs.resolve("_default").resolve("hosts.toml"))
                .content()
                .contains("[host.\"http://" + address + ":30020\"]");
    }

    @Test
    void cleanUpsKnowWhereToAnswerAndToAsk() throws IOException {
        assertThat(of("cleanup")).isNotEmpty().allSatisfy(invocation -> {
            assertThat(flagsAreKnown(invocation)).isEqualTo(ExitCode.OK);
            assertThat(GoSyntax.listenAddress(value(invocation.arguments(), "--addr="))
                            .getPort())
                    .isPositive();
        });
        assertThat(of("cleanup-wait")).isNotEmpty().allSatisfy(invocation -> {
            assertThat(flagsAreKnown(invocation)).isEqualTo(ExitCode.OK);
            assertThat(GoSyntax.HostPort.parse(value(invocation.arguments(), "--probe-endpoint="), 1)
                            .host())
                    .isPresent();
        });
    }

    /** With the same flags, but commands that do nothing. */
    private int flagsAreKnown(Invocation invocation) {
        List<Subcommand> commands = Main.COMMANDS.stream()
                .map(command -> new Subcommand(
                        command.name(),
                        command.summary(),
                        command.details(),
                        command.argument(),
                        command.groups(),
                        command.examples(),
                        (settings, surroundings) -> ExitCode.OK))
                .toList();
        return run(commands, invocation.arguments());
    }

    private static String value(List<String> arguments, String flag) {
        return arguments.stream()
                .filter(argument -> argument.startsWith(flag))
                .map(argument -> argument.substring(flag.length()))
                .findFirst()
                .orElseThrow();
    }
}
