package dev.spegel.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spegel.agent.Agent;
import dev.spegel.agent.AgentConfig;
import dev.spegel.agent.BootstrapConfig;
import dev.spegel.agent.RouterConfig;
import dev.spegel.agent.StoreConfig;
import dev.spegel.agent.TestAgents;
import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Reference;
import dev.spegel.oci.store.ImageImporter;
import dev.spegel.oci.store.OciLayoutWriter;
import dev.spegel.registry.RegistryConfig;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code lookup} and {@code peers}, with two agents that run: the first has an image, the second is asked. */
@Timeout(120)
class ViewCommandsTest {
    private static final String IMAGE = "registry.example/samples/app:1.0";
    private static final SampleImage SAMPLE = SampleImages.severalLayers();
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private static Path directory;

    private static Agent holder;
    private static Agent asked;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private boolean onTerminal;

    @BeforeAll
    static void startAgents() throws Exception {
        Path full = TestAgents.layoutWith(directory.resolve("full"), SAMPLE, Reference.parse(IMAGE));
        Path empty = TestAgents.emptyLayout(directory.resolve("empty"));
        holder = start(full, new BootstrapConfig.Nobody());
        asked = start(empty, new BootstrapConfig.StaticPeers(holder.dhtAddresses()));
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(new ViewCommandsTest().run("lookup", IMAGE, agent()))
                        .isEqualTo(ExitCode.OK));
    }

    private static Agent start(Path layout, BootstrapConfig bootstrap) throws IOException, InterruptedException {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return Agent.start(new AgentConfig(
                anyPort,
                anyPort,
                new StoreConfig.OciLayout(layout),
                new RouterConfig.Dht(anyPort, Optional.empty(), Optional.empty(), bootstrap),
                RegistryConfig.DEFAULTS,
                Duration.ofSeconds(1)));
    }

    @AfterAll
    static void closeAgents() {
        asked.close();
        holder.close();
    }

    private int run(String... arguments) {
        Surroundings surroundings = new Surroundings(
                Map.of(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                onTerminal,
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

    private JsonNode json() throws IOException {
        return new ObjectMapper().readTree(out());
    }

    private static String agent() {
        return "--agent-addr=127.0.0.1:" + asked.metricsAddress().getPort();
    }

    /** Flags to join the DHT through the holder. */
    private static String[] joining(String... command) {
        String[] all = Arrays.copyOf(command, command.length + 2);
        all[command.length] = "--bootstrap-kind=static";
        all[command.length + 1] =
                "--static-bootstrap-peers=" + holder.dhtAddresses().get(0);
        return all;
    }

    private static String idOf(Agent agent) throws Exception {
        return agent.network().peers().node().id();
    }

    private static String registryOf(Agent agent) {
        return "127.0.0.1:" + agent.registryAddress().getPort();
    }

    @Test
    void lookupAsksAnAgent() throws Exception {
        assertThat(run("lookup", IMAGE, agent())).isEqualTo(ExitCode.OK);
        assertThat(out().lines()).hasSize(4).satisfies(lines -> {
            assertThat(lines.get(0))
                    .isEqualTo("Asked the agent at 127.0.0.1:%d."
                            .formatted(asked.metricsAddress().getPort()));
            assertThat(lines.get(1)).matches("PEER +REGISTRY +FOUND AFTER");
            assertThat(lines.get(2)).matches("%s +%s +[0-9.]+ ms".formatted(idOf(holder), registryOf(holder)));
            assertThat(lines.get(3)).matches("1 node has " + IMAGE + "; the search took [0-9.]+ ms\\.");
        });
    }

    @Test
    void lookupFindsADigestAndWritesJson() throws Exception {
        String digest = SAMPLE.target().digest().toString();
        for (String form : List.of(digest, "registry.example/samples/app@" + digest, IMAGE + "@" + digest)) {
            out.reset();
            assertThat(run("lookup", form, agent(), "--output=json")).isEqualTo(ExitCode.OK);
            assertThat(json().path("key").asText()).isEqualTo(digest);
            assertThat(json().path("peers").path(0).path("id").asText()).isEqualTo(idOf(holder));
            assertThat(json().path("peers").path(0).path("registries").path(0).asText())
                    .isEqualTo(registryOf(holder));
            assertThat(json().path("peers").path(0).path("foundMillis").isNumber())
                    .isTrue();
        }
    }

    @Test
    void lookupOfWhatNobodyHasFails() {
        assertThat(run("lookup", "no/such", agent())).isEqualTo(ExitCode.FAILURE);
        assertThat(out()).contains("No other node says that it has docker.io/no/such:latest; the search took");
        assertThat(err()).isEmpty();
    }

    @Test
    void lookupJoinsTheDht() throws Exception {
        assertThat(run(joining("lookup", IMAGE))).isEqualTo(ExitCode.OK);
        assertThat(out())
                .contains("Joined the DHT for a moment, through a list of 1 peers.", idOf(holder), registryOf(holder));
        assertThat(asked.network().peers().peers())
                .as("who only asks comes into nobody's table")
                .filteredOn(peer -> peer.inTable())
                .extracting(peer -> peer.id())
                .containsExactly(idOf(holder));
    }

    @Test
    void peersAsksAnAgent() throws Exception {
        assertThat(run("peers", agent())).isEqualTo(ExitCode.OK);
        assertThat(out())
                .contains("The node is " + idOf(asked) + " at /ip4/127.0.0.1/tcp/")
                .containsPattern("PEER +ADDRESSES +REGISTRY +AGENT +IN TABLE +ROUND TRIP")
                .containsPattern("%s +/ip4/127.0.0.1/tcp/[0-9]+.* +%s +spegel-jvm/\\S+ +yes +[0-9.]+ ms"
                        .formatted(idOf(holder), registryOf(holder)));
    }

    @Test
    void peersWritesJson() throws Exception {
        assertThat(run("peers", agent(), "--output", "json")).isEqualTo(ExitCode.OK);
        assertThat(json().path("node").path("id").asText()).isEqualTo(idOf(asked));
        assertThat(json().path("peers"))
                .filteredOn(peer -> peer.path("id").asText().equals(idOfHolder()))
                .singleElement()
                .satisfies(peer -> assertThat(peer.path("inTable").asBoolean()).isTrue());
    }

    private static String idOfHolder() {
        return holder.dhtAddresses().get(0).replaceFirst(".*/p2p/", "");
    }

    @Test
    void peersJoinsTheDhtAndMeetsAll() throws Exception {
        assertThat(run(joining("peers", "--output=json"))).isEqualTo(ExitCode.OK);
        assertThat(json().path("peers"))
                .extracting(peer -> peer.path("id").asText())
                .contains(idOf(holder), idOf(asked));
    }

    @Test
    void imagesAsksAnAgent() throws Exception {
        String agent = "--agent-addr=127.0.0.1:" + holder.metricsAddress().getPort();
        await().atMost(LIMIT).untilAsserted(() -> {
            out.reset();
            assertThat(run("images", agent)).isEqualTo(ExitCode.OK);
            assertThat(out())
                    .containsPattern(
                            "IMAGE +DIGEST +PLATFORMS +ADVERTISED +SERVED +ANNOUNCED +SIZE HERE\n%s +%s +linux/amd64 +yes +%d/%d +%d/%d +[0-9.]+ [KM]?i?B"
                                    .formatted(
                                            IMAGE,
                                            ImagesCommand.shortened(
                                                    SAMPLE.target().digest()),
                                            SAMPLE.content().size(),
                                            SAMPLE.content().size(),
                                            SAMPLE.content().size(),
                                            SAMPLE.content().size()))
                    .endsWith(String.format("1 image.%n"));
        });
    }

    @Test
    void imagesWritesJsonWithEveryBlob() throws Exception {
        String agent = "--agent-addr=127.0.0.1:" + holder.metricsAddress().getPort();
        await().atMost(LIMIT).untilAsserted(() -> {
            out.reset();
            assertThat(run("images", agent, "--blobs", "--output=json")).isEqualTo(ExitCode.OK);
            assertThat(json().path("total").asInt()).isEqualTo(1);
            JsonNode image = json().path("images").path(0);
            assertThat(image.path("name").asText()).isEqualTo(IMAGE);
            assertThat(image.path("digest").asText())
                    .isEqualTo(SAMPLE.target().digest().toString());
            assertThat(image.path("advertised").asBoolean()).isTrue();
            assertThat(image.path("contents"))
                    .extracting(piece -> piece.path("digest").asText())
                    .containsExactlyInAnyOrderElementsOf(SAMPLE.content().stream()
                            .map(content -> content.digest().toString())
                            .toList());
            assertThat(image.path("contents")).allSatisfy(piece -> {
                assertThat(piece.path("served").asBoolean()).isTrue();
                assertThat(piece.path("announced").asBoolean()).isTrue();
            });
        });
    }

    @Test
    void aNodeWithoutImagesSaysSo() {
        assertThat(run("images", agent())).isEqualTo(ExitCode.OK);
        assertThat(out()).endsWith(String.format("It has no images.%n"));
    }

    @Test
    void measureTellsWhereEachPieceCameFrom() throws Exception {
        assertThat(run("measure", IMAGE, agent())).isEqualTo(ExitCode.OK);
        List<String> lines = out().lines().toList();
        assertThat(lines.get(0))
                .isEqualTo("Pulled %s (%s) through the agent at 127.0.0.1:%d and its registry at %s, and kept nothing."
                        .formatted(
                                IMAGE,
                                SAMPLE.target().digest(),
                                asked.metricsAddress().getPort(),
                                registryOf(asked)));
        assertThat(lines.get(1)).matches("CONTENT +DIGEST +FROM +SIZE +FIRST BYTE +TIME +MIB/S");
        assertThat(lines).hasSize(SAMPLE.content().size() + 3);
        assertThat(lines.subList(2, lines.size()))
                .allSatisfy(line -> assertThat(line).contains(" " + registryOf(holder) + " "));
        assertThat(out()).as("no terminal, no progress").doesNotContain("\r", "\033");
    }

    @Test
    void measureWritesJson() throws Exception {
        assertThat(run("measure", IMAGE, agent(), "--output=json", "--platform=all"))
                .isEqualTo(ExitCode.OK);
        assertThat(json().path("image").asText()).isEqualTo(IMAGE);
        assertThat(json().path("registry").asText()).isEqualTo(registryOf(asked));
        assertThat(json().path("digest").asText())
                .isEqualTo(SAMPLE.target().digest().toString());
        assertThat(json().path("sizeBytes").asLong())
                .isEqualTo(SAMPLE.content().stream()
                        .mapToLong(Descriptor::sizeBytes)
                        .sum());
        assertThat(json().path("contents")).hasSize(SAMPLE.content().size()).allSatisfy(piece -> {
            assertThat(piece.path("from").path(0).asText()).isEqualTo(registryOf(holder));
            assertThat(piece.path("firstByteMillis").asDouble())
                    .isPositive()
                    .isLessThanOrEqualTo(piece.path("millis").asDouble());
            assertThat(piece.path("mibPerSecond").isNumber()).isTrue();
        });
    }

    @Test
    void measureOfWhatNobodyHasIsOneSentence() {
        assertThat(run("measure", "no/such", agent())).isEqualTo(ExitCode.FAILURE);
        assertThat(err().lines())
                .singleElement()
                .satisfies(
                        line -> assertThat(line)
                                .startsWith("spegel: neither the agent at 127.0.0.1:")
                                .contains(
                                        "nor a node that it found has docker.io/no/such:latest; 'spegel lookup docker.io/no/such:latest'"));
        assertThat(out()).isEmpty();
    }

    @Test
    void pullMakesALayout() throws Exception {
        Path layout = directory.resolve("pulled");
        assertThat(run("pull", IMAGE, agent(), "--to=" + layout)).isEqualTo(ExitCode.OK);
        assertThat(out())
                .endsWith("%s (%s) is in the OCI layout %s.%n"
                        .formatted(IMAGE, SAMPLE.target().digest(), layout));
        assertHasTheImage(layout);
        try (Stream<Path> beside = Files.list(directory)) {
            assertThat(beside).noneMatch(path -> path.toString().endsWith(".partial"));
        }

        assertThat(run("pull", "samples/none", agent(), "--to=" + layout)).isEqualTo(ExitCode.FAILURE);
        assertHasTheImage(layout);

        err.reset();
        assertThat(run("pull", IMAGE, agent(), "--to=" + layout)).isEqualTo(ExitCode.FAILURE);
        assertThat(err())
                .isEqualTo("spegel: %s has an image %s already; --overwrite has the name mean the new one%n"
                        .formatted(layout, IMAGE));
        assertThat(run("pull", IMAGE, agent(), "--to=" + layout, "--overwrite")).isEqualTo(ExitCode.OK);
        assertHasTheImage(layout);
    }

    private static void assertHasTheImage(Path layout) throws IOException {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            assertThat(writer.named(Reference.parse(IMAGE)).map(Descriptor::digest))
                    .contains(SAMPLE.target().digest());
            for (Descriptor content : SAMPLE.content()) {
                assertThat(writer.contains(content)).isTrue();
            }
        }
    }

    @Test
    void pullMakesAnArchive() throws Exception {
        Path archive = directory.resolve("pulled.tar");
        assertThat(run("pull", IMAGE, agent(), "--to=" + archive, "--output=json"))
                .isEqualTo(ExitCode.OK);
        assertThat(json().path("to").asText()).isEqualTo(archive.toString());
        assertThat(json().path("contents")).hasSize(SAMPLE.content().size());
        Path copy = directory.resolve("imported");
        try (OciLayoutWriter writer = OciLayoutWriter.open(copy)) {
            new ImageImporter(writer).importNamed(archive);
        }
        assertHasTheImage(copy);

        assertThat(run("pull", IMAGE, agent(), "--to=" + archive)).isEqualTo(ExitCode.USAGE);
        assertThat(err())
                .startsWith("spegel: --to: ")
                .contains("pulled.tar\" is there already; --overwrite replaces it");
        assertThat(run("pull", IMAGE, agent(), "--to=" + archive, "--overwrite"))
                .isEqualTo(ExitCode.OK);
    }

    @Test
    void aPullThatFailsLeavesNothing() throws Exception {
        Path parent = Files.createDirectory(directory.resolve("nothing"));
        for (String name : List.of("layout", "archive.tar")) {
            assertThat(run("pull", "no/such", agent(), "--to=" + parent.resolve(name)))
                    .isEqualTo(ExitCode.FAILURE);
        }
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void aTerminalHasColoursAndProgressThatIsGoneAtTheEnd() {
        onTerminal = true;
        assertThat(run("measure", IMAGE, agent())).isEqualTo(ExitCode.OK);
        assertThat(out()).contains("\r\033[K", "\033[1mCONTENT ");
        out.reset();
        assertThat(run("measure", IMAGE, agent(), "--output=json")).isEqualTo(ExitCode.OK);
        assertThat(out()).doesNotContain("\r", "\033");
    }

    @Test
    void whereNothingListensNothingAnswers() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        assertThat(run("peers", "--agent-addr=127.0.0.1:" + port)).isEqualTo(ExitCode.FAILURE);
        assertThat(err())
                .isEqualTo(
                        "spegel: nothing answers at 127.0.0.1:%d; start an agent with 'spegel registry', or say where one has its"
                                        .formatted(port)
                                + " --metrics-addr with --agent-addr or AGENT_ADDR"
                                + System.lineSeparator());
        assertThat(out()).isEmpty();
    }

    @Test
    void anotherServerIsNoAgent() {
        assertThat(run("peers", "--agent-addr=" + registryOf(asked))).isEqualTo(ExitCode.FAILURE);
        assertThat(err()).contains("what answers at " + registryOf(asked) + " is no agent that can be asked");
    }
}
