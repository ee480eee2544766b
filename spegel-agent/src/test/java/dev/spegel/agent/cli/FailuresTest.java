package dev.spegel.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.spegel.oci.store.OciLayoutWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever goes wrong for an ordinary reason is one line on standard error, says what to do, and has its exit code. */
@Timeout(60)
class FailuresTest {
    @TempDir
    private static Path directory;

    /** Has a port that nobody else can have, and no agent. */
    private static HttpServer other;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeAll
    static void prepare() throws IOException {
        other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        other.start(); // answers 404 to everything
        try (OciLayoutWriter writer = OciLayoutWriter.open(directory.resolve("layout"))) {
            writer.commit();
        }
        Files.writeString(directory.resolve("file"), "no image");
        Files.writeString(directory.resolve("there.tar"), "no image");
        Files.createDirectories(directory.resolve("full"));
        Files.writeString(directory.resolve("full/file"), "no layout");
        Files.createDirectories(directory.resolve("key"));
        Files.writeString(directory.resolve("key/private.key"), "no key");
    }

    @AfterAll
    static void tidyUp() {
        other.stop(0);
    }

    private int run(String line) throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        String[] words = line.replace("REGISTRY", "registry --store oci-layout --oci-layout-path DIR/layout")
                .replace("STATIC", "--router static --static-router-peers 127.0.0.1:1")
                .replace("ANY", "127.0.0.1:0")
                .replace("TAKEN", "127.0.0.1:" + other.getAddress().getPort())
                .replace("NOBODY", "127.0.0.1:" + free)
                .replace("DIR", directory.toString())
                .split(" ", -1);
        Surroundings surroundings = new Surroundings(
                Map.of(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                directory.resolve("secrets"),
                new StopSignal());
        return new CommandShell(Main.COMMANDS, surroundings).run(words);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # A wrong command line
            2 | peeers                                          | unknown command "peeers"; did you mean peers?
            2 | peers --agent-adr=TAKEN                         | unknown flag "--agent-adr"; did you mean --agent-addr?
            2 | images now                                      | unknown argument "now"
            2 | images --max-images 0                           | --max-images: a whole number of at least 1 is expected
            2 | images --max-images 10001                       | --max-images: at most 10000 can be listed, got 10001
            2 | images --blobs=maybe                            | --blobs: true or false is expected, got "maybe"
            2 | images --output yaml                            | --output: an output is text or json, got "yaml"
            2 | measure                                         | IMAGE is missing
            2 | measure a//b                                    | IMAGE:
            2 | measure app:1 --platform linux                  | --platform: a platform is os/architecture[/variant], got "linux"
            2 | measure app:1 --agent-addr 9090                 | --agent-addr: a peer's address is host:port
            2 | pull app:1                                      | --to: there must be a place for the image
            2 | pull app:1 --to DIR/x --overwrite=maybe         | --overwrite: true or false is expected, got "maybe"
            2 | lookup app:1 --timeout 1h                       | --timeout: a look-up takes 1ms to 30s
            2 | doctor --output yaml                            | --output: an output is text or json, got "yaml"
            2 | version --format yaml                           | --format: a format is text or json, got "yaml"
            2 | version --format text --output json             | --format: it says something else than --output
            2 | configuration                                   | --mirror-targets:
            2 | cleanup                                         | --addr: there must be an address
            2 | cleanup-wait                                    | --probe-endpoint: there must be an address
            2 | cleanup-wait --probe-endpoint a:1 --threshold 0 | --threshold: a whole number of at least 1
            2 | log-level loud                                  | LEVEL: a log level is DEBUG, INFO, WARN or ERROR, got "loud"
            2 | log-level INFO DEBUG                            | unknown argument "DEBUG"
            2 | support                                         | --to: there must be a place for the archive
            2 | support --to DIR/s.zip --jfr 11m                | --jfr: a recording takes 1s to 10m, got 11m
            2 | support --to DIR/s.zip --jfr 0.5s               | --jfr: a recording takes 1s to 10m, got 0.5s
            2 | generate-completion bash                        | unknown argument "bash"
            # Wrong files
            2 | pull app:1 --to DIR/app.tar.gz                  | --to: layers are compressed already
            2 | pull app:1 --to DIR/none/app.tar                | --to: there is no directory
            2 | pull app:1 --to DIR/file                        | is there, and is no directory; an archive's name ends in .tar
            2 | pull app:1 --to DIR/there.tar                   | is there already; --overwrite replaces it
            2 | pull app:1 --to DIR/full                        | has files, and is no OCI layout: name another directory
            2 | demo --image DIR/none                           | --image: there is no
            1 | demo --image DIR/file                           | import DIR/file
            2 | registry STATIC --store oci-layout --oci-layout-path DIR/none | --oci-layout-path: there is no directory
            2 | REGISTRY --bootstrap-kind dns --dns-bootstrap-domain a --data-dir DIR/file | --data-dir: this is no directory
            1 | REGISTRY --registry-addr ANY --metrics-addr ANY --router-addr ANY --bootstrap-kind dns --dns-bootstrap-domain a --data-dir DIR/key | private.key
            1 | configuration --mirror-targets http://a:1 --containerd-registry-config-path DIR/none/certs.d | there is no directory DIR/none
            # Ports taken
            1 | REGISTRY STATIC --registry-addr TAKEN --metrics-addr ANY | for the registry: Address already in use; --registry-addr sets another
            1 | REGISTRY STATIC --registry-addr ANY --metrics-addr TAKEN | for the metrics: Address already in use; --metrics-addr sets another
            1 | REGISTRY --registry-addr ANY --metrics-addr ANY --router-addr TAKEN --bootstrap-kind dns --dns-bootstrap-domain a | Address already in use
            1 | REGISTRY --registry-addr ANY --metrics-addr ANY --router-addr ANY --bootstrap-kind http --http-bootstrap-url http://NOBODY/id --http-bootstrap-addr TAKEN | for the identity: Address already in use; --http-bootstrap-addr sets another
            1 | cleanup --addr TAKEN --containerd-registry-config-path DIR/certs.d | Address already in use; --addr sets another
            # No agent
            1 | lookup app:1 --agent-addr NOBODY                | nothing answers at NOBODY; start an agent with 'spegel registry', or say where one has its --metrics-addr with --agent-addr or AGENT_ADDR
            1 | peers --agent-addr NOBODY                       | nothing answers at NOBODY; start an agent with 'spegel registry'
            1 | images --agent-addr NOBODY                      | nothing answers at NOBODY; start an agent with 'spegel registry'
            1 | measure app:1 --agent-addr NOBODY               | nothing answers at NOBODY; start an agent with 'spegel registry'
            1 | pull app:1 --to DIR/new --agent-addr NOBODY     | nothing answers at NOBODY; start an agent with 'spegel registry'
            1 | log-level DEBUG --agent-addr NOBODY             | nothing answers at NOBODY; start an agent with 'spegel registry'
            1 | support --to DIR/new --agent-addr NOBODY        | nothing answers at NOBODY; start an agent with 'spegel registry'
            1 | log-level --agent-addr TAKEN                    | what answers at TAKEN is no agent that can be asked; start an agent
            1 | images --agent-addr TAKEN                       | what answers at TAKEN is no agent that can be asked; start an agent
            1 | pull app:1 --to DIR/new.tar --agent-addr TAKEN  | what answers at TAKEN is no agent that can be asked; start an agent
            """)
    void everyFailureIsOneLine(int exitCode, String line, String sentence) throws IOException {
        int got = run(line);
        String said = err.toString(StandardCharsets.UTF_8);
        assertThat(said.lines()).as(said).hasSize(1);
        assertThat(said)
                .startsWith("spegel: ")
                .doesNotContain("Exception", "\tat ", "null")
                .matches("(?s).*" + pattern(sentence) + ".*");
        assertThat(got).isEqualTo(exitCode);
        assertThat(said.contains("--help' shows what there is")).isEqualTo(exitCode == ExitCode.USAGE);
        if (!line.startsWith("demo")) {
            assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
        }
        assertThat(directory.resolve("new")).doesNotExist();
    }

    private static String pattern(String sentence) {
        return ("\\Q" + sentence + "\\E")
                .replace("NOBODY", "\\E127\\.0\\.0\\.1:\\d+\\Q")
                .replace("TAKEN", "\\E127\\.0\\.0\\.1:\\d+\\Q")
                .replace("DIR", directory.toString());
    }
}
