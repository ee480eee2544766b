package dev.spegel.agent.it;

import static dev.spegel.agent.it.Layouts.NAME;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Every command, run as a user runs it, against a pair of agents: the first has an image, the second is asked. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class CommandsIT {
    private static final SampleImage IMAGE = SampleImages.twoPlatforms();

    @RegisterExtension
    private static final Processes AGENTS = new Processes();

    @RegisterExtension
    private final Processes processes = new Processes();

    private static AgentProcess holder;
    private static AgentProcess asked;

    @TempDir
    private Path directory;

    @BeforeAll
    static void startAgents(@TempDir Path shared) throws Exception {
        Layouts.write(shared.resolve("holder"), IMAGE);
        holder = AgentProcess.startInDht(AGENTS, "holder", shared.resolve("holder"), Optional.empty());
        Path empty = Files.createDirectory(shared.resolve("empty"));
        asked = AgentProcess.startInDht(AGENTS, "asked", empty, Optional.of(holder));
        holder.awaitServing(NAME);
        asked.awaitFinding(NAME);
    }

    private Cli.Ended ask(AgentProcess agent, String... command) throws IOException, InterruptedException {
        String[] all = Arrays.copyOf(command, command.length + 1);
        all[command.length] = "--agent-addr=" + agent.metrics();
        return new Cli(directory).succeed(all);
    }

    @Test
    void lookup() throws Exception {
        assertThat(ask(asked, "lookup", NAME.toString()).out()).contains(holder.registry(), "1 node has " + NAME);
        JsonNode json = ask(asked, "lookup", NAME.toString(), "--output=json").json();
        DocumentedJson.assertShape("lookup", json);
        assertThat(json.path("peers").path(0).path("registries").path(0).asText())
                .isEqualTo(holder.registry());
    }

    @Test
    void peers() throws Exception {
        assertThat(ask(asked, "peers").out()).contains(holder.registry());
        JsonNode json = ask(asked, "peers", "--output=json").json();
        DocumentedJson.assertShape(
                "peers",
                json,
                "/peers/quarantinedMillis",
                "/peers/zone",
                "/peers/inFlight",
                "/peers/bytesPerSecond",
                "/peers/avoided",
                "/peers/busyMillis");
        assertThat(json.path("known").asInt()).isEqualTo(1);
    }

    @Test
    void images() throws Exception {
        int pieces = IMAGE.content().size();
        assertThat(ask(holder, "images").out())
                .containsPattern("%s +sha256:[0-9a-f]{12} +linux/amd64, linux/arm64 +yes +%d/%d +%d/%d "
                        .formatted(NAME, pieces, pieces, pieces, pieces))
                .endsWith(String.format("1 image.%n"));
        JsonNode json = ask(holder, "images", "--blobs", "--output=json").json();
        DocumentedJson.assertShape(
                "images", json, "/next", "/images/heldBack", "/images/heldBack/reason", "/images/heldBack/why");
        assertThat(json.path("images").path(0).path("contents")).hasSize(pieces);
        assertThat(ask(asked, "images").out()).contains("It has no images.");
    }

    @Test
    void measure() throws Exception {
        assertThat(ask(asked, "measure", NAME.toString(), "--platform=all").out())
                .contains("and kept nothing", IMAGE.target().digest().toString(), holder.registry(), "FIRST BYTE");
        JsonNode json = ask(asked, "measure", NAME.toString(), "--platform=linux/arm64", "--output=json")
                .json();
        DocumentedJson.assertShape("measure", json);
        assertThat(json.path("contents"))
                .as("an index and one of its two manifests")
                .filteredOn(piece -> piece.path("role").asText().equals("manifest"))
                .hasSize(1);
        assertThat(json.path("contents"))
                .allSatisfy(
                        piece -> assertThat(piece.path("from").path(0).asText()).isEqualTo(holder.registry()));
    }

    @Test
    void measureOfWhatNobodyHas() throws Exception {
        Cli.Ended ended = new Cli(directory).run("measure", "no/such", "--agent-addr=" + asked.metrics());
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.err().lines())
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .startsWith(
                                "spegel: neither the agent at " + asked.metrics() + " nor a node that it found has"));
    }

    @Test
    void pullMakesATarThatSkopeoReads() throws Exception {
        Tools.assumeInstalled("skopeo");
        Path tar = directory.resolve("app.tar");
        JsonNode json = ask(asked, "pull", NAME.toString(), "--to=" + tar, "--output=json")
                .json();
        DocumentedJson.assertShape("pull", json);
        Path copy = directory.resolve("copy");
        processes.run(
                "skopeo",
                "--insecure-policy",
                "copy",
                "--all",
                "--preserve-digests",
                "oci-archive:" + tar + ":" + NAME,
                "oci:" + copy + ":copy");
        Layouts.assertBlobs(
                copy.resolve("blobs/sha256"),
                IMAGE.content().stream().map(Descriptor::digest).collect(Collectors.toSet()));
    }

    @Test
    void pullMakesALayoutThatSkopeoReads() throws Exception {
        Tools.assumeInstalled("skopeo");
        Path layout = directory.resolve("images");
        assertThat(ask(asked, "pull", NAME.toString(), "--to=" + layout, "--platform=linux/amd64")
                        .out())
                .contains("is in the OCI layout " + layout);
        processes.run(
                "skopeo",
                "--insecure-policy",
                "--override-os=linux",
                "--override-arch=amd64",
                "copy",
                "oci:" + layout + ":" + NAME,
                "dir:" + directory.resolve("copy"));
    }

    @Test
    void pullMakesATarThatContainerdImports() throws Exception {
        Release.INSTALLED.assumeUsable();
        Tools.assumeRoot();
        Path tar = directory.resolve("app.tar");
        ask(asked, "pull", NAME.toString(), "--to=" + tar);
        Path narrow = directory.resolve("amd64.tar");
        ask(asked, "pull", NAME.toString(), "--to=" + narrow, "--platform=linux/amd64");
        for (Path archive : List.of(tar, narrow)) {
            Containerd containerd = Containerd.start(
                    processes, Files.createDirectory(directory.resolve("containerd-" + archive.getFileName())));
            try {
                containerd.ctr("images", "import", "--snapshotter", "native", archive.toString());
                assertThat(containerd.ctr("images", "ls", "-q").lines()).containsExactly(NAME.toString());
                List<Digest> content = containerd.content();
                assertThat(content).contains(IMAGE.target().digest());
            } finally {
                containerd.stop();
            }
        }
    }

    @Test
    void logLevel() throws Exception {
        assertThat(ask(asked, "log-level").out().strip()).isEqualTo("The agent at " + asked.metrics() + " logs DEBUG.");
        JsonNode json = ask(asked, "log-level", "warn", "--output=json").json();
        DocumentedJson.assertShape("log-level", json);
        assertThat(json.path("level").asText()).isEqualTo("WARN");
        assertThat(ask(asked, "log-level", "DEBUG").out()).contains("logs DEBUG.");
    }

    @Test
    void supportCollectsAllAndARecording() throws Exception {
        Path file = directory.resolve("support.zip");
        assertThat(ask(asked, "support", "--to=" + file, "--jfr=1s").out()).contains("is in " + file);
        try (ZipFile zip = new ZipFile(file.toFile())) {
            assertThat(zip.stream().map(ZipEntry::getName))
                    .containsExactly(
                            "status.json",
                            "requests.json",
                            "history.json",
                            "tags.json",
                            "peers.json",
                            "metrics.txt",
                            "threads.txt",
                            "memory.txt",
                            "heap.txt",
                            "recording.jfr");
            assertThat(zip.stream())
                    .allSatisfy(entry ->
                            assertThat(entry.getSize()).as(entry.getName()).isPositive());
            assertThat(zip.getInputStream(zip.getEntry("recording.jfr")).readNBytes(3))
                    .isEqualTo(new byte[] {'F', 'L', 'R'});
        }
        Cli.Ended again = new Cli(directory).run("support", "--to=" + file, "--agent-addr=" + asked.metrics());
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err().strip()).isEqualTo("spegel: " + file + " is there already");
    }

    @Test
    void doctor() throws Exception {
        Cli.Ended ended = new Cli(directory)
                .run(
                        "doctor",
                        "--output=json",
                        "--agent-addr=" + asked.metrics(),
                        "--containerd-sock=" + directory.resolve("sock"));
        assertThat(ended.exitCode()).as("no containerd here").isEqualTo(1);
        assertThat(ended.err()).isEmpty();
        DocumentedJson.assertShape("doctor", ended.json());
    }

    @Test
    void demo() throws Exception {
        DocumentedJson.assertShape(
                "demo",
                new Cli(directory)
                        .succeed("demo", "--size=1MiB", "--output=json")
                        .json());
    }

    @Test
    void version() throws Exception {
        DocumentedJson.assertShape(
                "version",
                new Cli(directory).succeed("version", "--output=json").json());
    }

    @Test
    void completionIsAScriptForBash() throws Exception {
        Tools.assumeInstalled("bash");
        Path script = Files.writeString(
                directory.resolve("completion"),
                new Cli(directory).succeed("generate-completion").out());
        String completed = processes.run("bash", "-c", """
                source %s
                COMP_WORDS=(spegel im); COMP_CWORD=1; COMP_LINE='spegel im'; COMP_POINT=9
                _complete_spegel 2>/dev/null; echo "${COMPREPLY[@]}"
                """.formatted(script));
        assertThat(completed.strip()).isEqualTo("images");
    }

    /** As somebody who may do nothing; root could do all of this. */
    @Test
    void withoutPermissionEachIsOneLineToo() throws Exception {
        Tools.assumeRoot();
        Tools.assumeInstalled("setpriv");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Cli nobody = new Cli(directory, List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"));
        Tools.assumeTrue(
                nobody.run("version").exitCode() == 0, "a build directory that a user without rights can read");

        Path closed = Files.createDirectory(directory.resolve("closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        Path sock = Files.createFile(closed.resolve("containerd.sock"));
        Cli.Ended doctor = nobody.run("doctor", "--containerd-sock=" + sock, "--agent-addr=" + asked.metrics());
        assertThat(doctor.exitCode()).isEqualTo(1);
        assertThat(doctor.err()).isEmpty();
        assertThat(doctor.out()).doesNotContain("Exception", "\tat ");

        Path readOnly = Files.createDirectory(directory.resolve("read-only"));
        Files.setPosixFilePermissions(readOnly, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String name : List.of("app.tar", "layout")) {
            Cli.Ended pull = nobody.run(
                    "pull", NAME.toString(), "--to=" + readOnly.resolve(name), "--agent-addr=" + asked.metrics());
            assertThat(pull.exitCode()).isEqualTo(1);
            assertThat(pull.err().lines())
                    .singleElement()
                    .satisfies(line -> assertThat(line)
                            .startsWith("spegel: " + readOnly.resolve(name) + " can't be written: ")
                            .endsWith(": permission denied"));
        }
        Cli.Ended configuration = nobody.run(
                "configuration",
                "--mirror-targets=http://127.0.0.1:1",
                "--containerd-registry-config-path=" + readOnly.resolve("certs.d"));
        assertThat(configuration.exitCode()).isEqualTo(1);
        assertThat(configuration.err().lines())
                .singleElement()
                .satisfies(line ->
                        assertThat(line).startsWith("spegel: ").contains(readOnly.toString(), "permission denied"));
    }
}
