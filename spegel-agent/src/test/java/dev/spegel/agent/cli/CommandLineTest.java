package dev.spegel.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line as a user sees it: words in, text and an exit code out. Nothing here starts an agent. */
class CommandLineTest {
    private static final String OCI_LAYOUT = "--store=oci-layout";
    private static final String STATIC = "--router=static";

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Map<String, String> environment = Map.of();

    @BeforeEach
    void layout() throws IOException {
        Files.createDirectory(directory.resolve("layout"));
    }

    private int run(String... arguments) {
        Surroundings surroundings = new Surroundings(
                environment,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                directory.resolve("secrets"),
                new StopSignal());
        return new CommandShell(Main.COMMANDS, surroundings).run(arguments);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** Runs {@code registry} with what it needs at least, and the given flags. */
    private int registry(String... flags) {
        List<String> arguments = new ArrayList<>(List.of(
                "registry",
                OCI_LAYOUT,
                "--oci-layout-path=" + directory.resolve("layout"),
                STATIC,
                "--static-router-peers=127.0.0.1:5000"));
        arguments.addAll(List.of(flags));
        return run(arguments.toArray(String[]::new));
    }

    @Test
    void noCommandShowsTheHelpAndIsAnError() {
        assertThat(run()).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("Usage: spegel", "demo", "registry", "version");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo",
                "registry",
                "lookup",
                "peers",
                "images",
                "measure",
                "pull",
                "doctor",
                "configuration",
                "cleanup",
                "cleanup-wait",
                "version",
                "generate-completion"
            })
    void everyCommandExplainsItselfWithAnExample(String command) {
        assertThat(run(command, "--help")).isEqualTo(ExitCode.OK);
        assertThat(out())
                .contains("Usage: spegel " + command, "Example", "--log-level")
                .containsPattern("(?m)^  .*spegel " + command);
    }

    @Test
    void theHelpShowsDefaults() {
        assertThat(run("registry", "--help")).isEqualTo(ExitCode.OK);
        assertThat(out()).contains("Default: :5000.", "Default: :9090.", "Default: 20ms; with", "Default: containerd.");
    }

    @ParameterizedTest
    @CsvSource({
        "regsitry, 'unknown command \"regsitry\"; did you mean registry?'",
        "demmo --size 1MiB, 'unknown command \"demmo\"; did you mean demo?'",
        "xyzzy, 'unknown command \"xyzzy\"'",
        "registry --registry-adr=:5, 'unknown flag \"--registry-adr\"; did you mean --registry-addr?'",
        "registry --zzz 5, 'unknown flag \"--zzz\"'",
        "version now, 'unknown argument \"now\"'",
        "registry --registry-addr, '--registry-addr'",
    })
    void unknownWordsAreErrorsWithASuggestion(String line, String message) {
        assertThat(run(line.split(" "))).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("spegel: ").contains(message).contains("--help' shows what there is");
        assertThat(err().lines()).hasSize(1);
    }

    @Test
    void versionIsTextOrJson() {
        assertThat(run("version")).isEqualTo(ExitCode.OK);
        assertThat(out())
                .containsPattern("version +\\d+\\.\\d+\\.\\d+")
                .containsPattern("commit +([0-9a-f]{40}|unknown)");
        out.reset();
        assertThat(run("version", "--format=json")).isEqualTo(ExitCode.OK);
        assertThat(out()).startsWith("{\"version\":\"").contains("\"commit\":\"", "\"java\":\"");
    }

    @Test
    void theDefaultRouterNeedsToKnowWhereToBegin() {
        assertThat(run("registry")).isEqualTo(ExitCode.USAGE);
        assertThat(err())
                .contains("--bootstrap-kind: the DHT needs to know how to meet its first nodes: dns, http or static");
    }

    static Stream<List<String>> badBootstraps() {
        String peer = "/ip4/10.0.0.1/tcp/5001/p2p/12D3KooWB1b3qZxWJanuhtseF3DmPggHCtG36KZ9ixkqHtdKH9fh";
        return Stream.of(
                List.of("--bootstrap-kind=mdns", "--bootstrap-kind: dns, http or static is expected, got \"mdns\""),
                List.of("--bootstrap-kind=dns", "--dns-bootstrap-domain: --bootstrap-kind dns needs a name to resolve"),
                List.of("--bootstrap-kind=http", "--http-bootstrap-url: --bootstrap-kind http needs a URL to fetch"),
                List.of("--bootstrap-kind=static", "--static-bootstrap-peers: --bootstrap-kind static needs the first"),
                List.of(
                        "--bootstrap-kind=dns --dns-bootstrap-domain=a..b",
                        "--dns-bootstrap-domain: needs a host name"),
                List.of(
                        "--bootstrap-kind=dns --dns-bootstrap-domain=a.b --http-bootstrap-addr=:5002",
                        "--http-bootstrap-addr: it only concerns --bootstrap-kind http"),
                List.of(
                        "--bootstrap-kind=dns --dns-bootstrap-domain=a.b --static-bootstrap-peers=" + peer,
                        "--static-bootstrap-peers: it only concerns --bootstrap-kind static"),
                List.of(
                        "--bootstrap-kind=static --static-bootstrap-peers=" + peer + " --dns-bootstrap-domain=a.b",
                        "--dns-bootstrap-domain: it only concerns --bootstrap-kind dns"),
                List.of(
                        "--bootstrap-kind=static --static-bootstrap-peers=/ip4/10.0.0.1/tcp/5001",
                        "--static-bootstrap-peers: a static bootstrap peer's address ends in /p2p/ and its ID"),
                List.of("--bootstrap-kind=static --static-bootstrap-peers=10.0.0.1:5001", "--static-bootstrap-peers: "),
                List.of(
                        "--bootstrap-kind=http --http-bootstrap-url=ftp://a/id",
                        "--http-bootstrap-url: needs a URL with http or https and a host"),
                List.of(
                        "--bootstrap-kind=http --http-bootstrap-url=http://a/%zz",
                        "--http-bootstrap-url: this isn't a URL: "),
                List.of(
                        "--bootstrap-kind=http --http-bootstrap-url=https://a/id --http-bootstrap-cert-dir=/no/such",
                        "--http-bootstrap-cert-dir: there is no directory /no/such"),
                List.of(
                        "--bootstrap-kind=http --http-bootstrap-url=https://a/id --http-bootstrap-addr=5002",
                        "--http-bootstrap-addr: an address is host:port"),
                List.of(
                        "--bootstrap-kind=dns --dns-bootstrap-domain=a.b --router-addr=5001",
                        "--router-addr: an address is host:port"),
                List.of(
                        "--bootstrap-kind=dns --dns-bootstrap-domain=a.b --static-router-peers=a:1",
                        "--static-router-peers: it only concerns --router static"));
    }

    @ParameterizedTest
    @MethodSource("badBootstraps")
    void aBadBootstrapIsNamedWithItsFlagAndRule(List<String> flagsAndMessage) {
        List<String> arguments =
                new ArrayList<>(List.of("registry", OCI_LAYOUT, "--oci-layout-path=" + directory.resolve("layout")));
        arguments.addAll(List.of(flagsAndMessage.get(0).split(" ")));
        assertThat(run(arguments.toArray(String[]::new))).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("spegel: " + flagsAndMessage.get(1)).doesNotContain("Exception", "\tat ");
    }

    @Test
    void aPasswordInABootstrapUrlIsNotShown() {
        assertThat(run("peers", "--bootstrap-kind=http", "--http-bootstrap-url=ftp://user:hunter2@a/id"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("--http-bootstrap-url: ").doesNotContain("hunter2");
    }

    @Test
    void aDataDirectoryThatIsAFileIsRefused() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        assertThat(run("registry", "--bootstrap-kind=dns", "--dns-bootstrap-domain=a", "--data-dir=" + file))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("--data-dir: this is no directory");
    }

    @Test
    void aFileWithoutAPreSharedKeyIsRefused() throws IOException {
        Path file = Files.writeString(directory.resolve("swarm.key"), "/key/swarm/psk/1.0.0/\n/base16/\nabcd\n");
        assertThat(run("registry", "--bootstrap-kind=dns", "--dns-bootstrap-domain=a", "--psk-file=" + file))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("--psk-file: ", "a pre-shared key has 32 bytes, got 2");
        assertThat(run("peers", "--bootstrap-kind=dns", "--dns-bootstrap-domain=a", "--psk-file=" + directory + "/no"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("--psk-file: there is no file");
    }

    static Stream<List<String>> badLooks() {
        return Stream.of(
                List.of("lookup", "IMAGE|DIGEST is missing"),
                List.of("lookup a b", "unknown argument \"b\""),
                List.of("lookup sha256:xyz", "IMAGE|DIGEST: a sha256 digest has 64"),
                List.of("lookup a//b", "IMAGE|DIGEST: "),
                List.of("lookup app:1 --max-peers=0", "--max-peers: a whole number of at least 1"),
                List.of("lookup app:1 --max-peers=101", "--max-peers: at most 100 can be looked for"),
                List.of("lookup app:1 --timeout=31s", "--timeout: a look-up takes 1ms to 30s"),
                List.of("lookup app:1 --output=xml", "--output: an output is text or json, got \"xml\""),
                List.of("lookup app:1 --agent-addr=9090", "--agent-addr: a peer's address is host:port"),
                List.of("lookup app:1 --http-bootstrap-url=http://a/id", "--bootstrap-kind: the DHT needs to know"),
                List.of("peers --bootstrap-kind=dns", "--dns-bootstrap-domain: --bootstrap-kind dns needs a name"),
                List.of("peers --agent-addr=a:1 --bootstrap-kind=dns", "--agent-addr: either an agent is asked or"));
    }

    @ParameterizedTest
    @MethodSource("badLooks")
    void lookingAroundNeedsGoodFlags(List<String> lineAndMessage) {
        assertThat(run(lineAndMessage.get(0).split(" "))).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains(lineAndMessage.get(1)).doesNotContain("Exception", "\tat ");
    }

    static Stream<List<String>> badValues() {
        return Stream.of(
                List.of("--registry-addr=5000", "--registry-addr: an address is host:port"),
                List.of("--registry-addr=:70000", "--registry-addr: a port is 0 to 65535, got \":70000\""),
                List.of("--registry-addr=::1:5000", "--registry-addr: an address is"),
                List.of("--metrics-addr=no.such.host.invalid:1", "--metrics-addr: no address is known for the host"),
                List.of("--debug-web-enabled=maybe", "--debug-web-enabled: true or false is expected, got \"maybe\""),
                List.of("--mirror-resolve-timeout=20", "--mirror-resolve-timeout: a duration is numbers with units"),
                List.of("--mirror-resolve-timeout=0s", "--mirror-resolve-timeout: this duration must be from 1ns"),
                List.of("--mirror-resolve-retries=0", "--mirror-resolve-retries: a whole number of at least 1"),
                List.of("--mirror-mode=proxy", "--mirror-mode: relay or redirect is expected, got \"proxy\""),
                List.of("--max-upload-streams=65", "--max-upload-streams: at most 64 streams can be sent at a time"),
                List.of("--max-upload-rate=700KiB", "--max-upload-rate: 48 streams need at least 768KiB a second"),
                List.of(
                        "--max-upload-rate=fast",
                        "--max-upload-rate: a size is a whole number with B, KiB, MiB or GiB"),
                List.of("--mirror-resolve-retries=x", "--mirror-resolve-retries: a whole number of at least 1"),
                List.of("--mirrored-registries=a b", "--mirrored-registries: a mirrored registry is a host"),
                List.of("--registry-filters=(", "--registry-filters: a filter is a regular expression, got \"(\""),
                List.of("--log-level=loud", "--log-level: a log level is DEBUG, INFO, WARN or ERROR, got \"loud\""),
                List.of("--log-format=xml", "--log-format: a log format is json or text, got \"xml\""),
                List.of("--containerd-sock=/x", "--containerd-sock: it only concerns --store containerd"),
                List.of("--containerd-namespace=x", "--containerd-namespace: it only concerns --store containerd"),
                List.of("--containerd-content-path=/x", "--containerd-content-path: it only concerns"),
                List.of("--router-addr=:1", "--router-addr: it only concerns --router dht"),
                List.of("--resolve-tags=false", "--resolve-tags: it only concerns --mirror-targets"),
                List.of("--prepend-existing", "--prepend-existing: it only concerns --mirror-targets"),
                List.of("--mirror-targets=ftp://x", "--mirror-targets: "),
                List.of("--data-dir=/x", "--data-dir: it only concerns --router dht"),
                List.of("--psk-file=/x", "--psk-file: it only concerns --router dht"),
                List.of("--bootstrap-kind=dns", "--bootstrap-kind: it only concerns --router dht"),
                List.of("--dns-bootstrap-domain=x", "--dns-bootstrap-domain: it only concerns --router dht"),
                List.of("--http-bootstrap-addr=:1", "--http-bootstrap-addr: it only concerns --router dht"),
                List.of("--http-bootstrap-url=http://x", "--http-bootstrap-url: it only concerns --router dht"),
                List.of("--http-bootstrap-cert-dir=/x", "--http-bootstrap-cert-dir: it only concerns"),
                List.of("--static-bootstrap-peers=x", "--static-bootstrap-peers: it only concerns --router dht"));
    }

    @ParameterizedTest
    @MethodSource("badValues")
    void aBadValueIsNamedWithItsFlagAndRule(List<String> flagAndMessage) {
        assertThat(registry(flagAndMessage.get(0))).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("spegel: " + flagAndMessage.get(1)).doesNotContain("Exception", "\tat ");
    }

    @Test
    void containerdIsNamedAsItCanBeFound() {
        assertThat(run(
                        "registry",
                        "--containerd-sock=containerd.sock",
                        "--containerd-namespace=k8s/io",
                        "--containerd-content-path=content",
                        "--oci-layout-path=/x"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err())
                .contains(
                        "--containerd-sock: an absolute path is expected, got \"containerd.sock\"",
                        "--containerd-namespace: a containerd namespace is up to 76 letters and digits",
                        "--containerd-content-path: an absolute path is expected, got \"content\"",
                        "--oci-layout-path: it only concerns --store oci-layout");
    }

    @Test
    void anUnknownStoreOrRouterIsRefused() {
        assertThat(run("registry", "--store=podman", "--router=bgp")).isEqualTo(ExitCode.USAGE);
        assertThat(err())
                .contains(
                        "--store: containerd or oci-layout is expected, got \"podman\"",
                        "--router: dht or static is expected, got \"bgp\"");
    }

    @Test
    void aStoreAndARouterNeedWhatTheyWorkWith() {
        assertThat(run("registry", OCI_LAYOUT, STATIC)).isEqualTo(ExitCode.USAGE);
        assertThat(err())
                .contains(
                        "--oci-layout-path: --store oci-layout needs the directory",
                        "--static-router-peers: --router static needs the registries");
    }

    @Test
    void aLayoutThatIsNotThereIsRefused() {
        assertThat(run("registry", OCI_LAYOUT, "--oci-layout-path=/no/such", STATIC, "--static-router-peers=h:1"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("--oci-layout-path: there is no directory \"/no/such\"");
    }

    @Test
    void allProblemsAreReportedAtOnce() {
        environment = Map.of("METRICS_ADDR", "9090", "LOG_LEVEL", "loud");
        assertThat(registry("--registry-addr=5000", "--mirror-resolve-retries=-1", "--bootstrap-kind=dns"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err())
                .contains(
                        "5 settings can't be used ('spegel registry --help' shows what there is):",
                        "  --registry-addr: ",
                        "  --metrics-addr (from METRICS_ADDR): ",
                        "  --mirror-resolve-retries: ",
                        "  --bootstrap-kind: ",
                        "  --log-level (from LOG_LEVEL): ");
    }

    @Test
    void aSecretOfOneFileIsRefusedAndItsContentNotShown() throws IOException {
        Files.createDirectory(directory.resolve("secrets"));
        Files.writeString(directory.resolve("secrets/password"), "hunter2");
        assertThat(registry()).isEqualTo(ExitCode.USAGE);
        assertThat(err())
                .contains("secrets: basic authentication needs both files")
                .doesNotContain("hunter2");
    }

    @Test
    void redirectsAndCredentialsExcludeEachOther() throws IOException {
        Files.createDirectory(directory.resolve("secrets"));
        Files.writeString(directory.resolve("secrets/username"), "user");
        Files.writeString(directory.resolve("secrets/password"), "hunter2");
        assertThat(registry("--mirror-mode=redirect")).isEqualTo(ExitCode.USAGE);
        assertThat(err())
                .contains("--mirror-mode: redirect can't be used with the credentials in ")
                .doesNotContain("hunter2");
    }

    @Test
    void theDemoRefusesWhatDoesNotFitTogether() {
        assertThat(run("demo", "--size=5", "--image=/no/such", "--output=xml")).isEqualTo(ExitCode.USAGE);
        assertThat(err())
                .contains(
                        "--image: there is no \"/no/such\"",
                        "--size: with --image, the image has the size it has",
                        "--output: an output is text or json, got \"xml\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0B", "17GiB", "1.5GiB", "-1", "MiB", "999999999GiB", "99999999999GiB"})
    void theDemoRefusesSizesThatMakeNoImage(String size) {
        assertThat(run("demo", "--size=" + size)).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("spegel: --size: ").doesNotContain("Exception");
    }
}
