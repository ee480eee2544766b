package dev.spegel.agent.it;

import static dev.spegel.agent.it.Layouts.NAME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.oci.Descriptor;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Three agents, each a process, that find each other's content in the DHT; they meet through the first one's {@code /id}. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class DhtPullIT {
    private static final SampleImage IMAGE = SampleImages.severalLayers();

    /** More than the time for which a look-up's result is shared, and slow machines' time to tell of content. */
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static final Duration POLL_INTERVAL = Duration.ofMillis(200);

    @RegisterExtension
    private final Processes processes = new Processes();

    @TempDir
    private Path directory;

    private Path layout;
    private AgentProcess mirror;

    /** One that has nothing, and that the others meet first. */
    @BeforeEach
    void startMirror() throws IOException {
        layout = directory.resolve("layout");
        Layouts.write(layout, IMAGE);
        Path empty = Files.createDirectory(directory.resolve("empty"));
        mirror = AgentProcess.startInDht(processes, "mirror", empty, Optional.empty());
    }

    private AgentProcess startHolder(String name) throws IOException {
        return AgentProcess.startInDht(
                        processes, name, layout, Optional.of(mirror), "--data-dir=" + directory.resolve(name))
                .awaitServing(NAME);
    }

    /** Who gives the manifest; empty if nobody does. */
    private Optional<String> giver() throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = mirror.get(mirror.manifest(NAME));
        assertThat(answer.statusCode()).isIn(200, 404);
        return answer.statusCode() == 200 ? answer.headers().firstValue("Spegel-Served-By") : Optional.empty();
    }

    private void awaitGiver(AgentProcess agent) {
        await("the mirror gets the image from " + agent.registry())
                .atMost(LIMIT)
                .pollInterval(POLL_INTERVAL)
                .until(this::giver, Optional.of(agent.registry())::equals);
    }

    private void assertAllContentArrives() throws IOException, InterruptedException {
        for (Descriptor content : IMAGE.layersAndConfigs()) {
            HttpResponse<byte[]> answer = mirror.get(mirror.content(NAME, "blobs/" + content.digest()));
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(IMAGE.bytes(content.digest()));
        }
    }

    @Test
    void skopeoPullsWhatAnotherHas() throws Exception {
        Tools.assumeInstalled("skopeo");
        AgentProcess holder = startHolder("holder");
        mirror.awaitReady();
        awaitGiver(holder);
        Path target = directory.resolve("copy");
        processes.run(
                "skopeo",
                "--insecure-policy",
                "copy",
                "--preserve-digests",
                "--src-tls-verify=false",
                "docker://" + mirror.registry() + "/" + NAME,
                "dir:" + target);
        assertThat(Layouts.sha256(target.resolve("manifest.json")))
                .isEqualTo(IMAGE.target().digest());
    }

    @Test
    void oneOfTwoHoldersIsKilledAndTheOtherServes() throws Exception {
        AgentProcess first = startHolder("first holder");
        AgentProcess second = startHolder("second holder");
        await("the mirror finds both")
                .atMost(LIMIT)
                .pollInterval(POLL_INTERVAL)
                .until(() -> mirror.holdersOf(NAME), Set.of(first.registry(), second.registry())::equals);
        long misses = mirror.misses();
        first.process().kill();
        assertThat(giver()).contains(second.registry());
        assertAllContentArrives();
        assertThat(mirror.misses()).as("the dead one costs no request").isEqualTo(misses);
    }

    @Test
    void aHolderThatComesBackElsewhereIsFoundAgain() throws Exception {
        AgentProcess holder = startHolder("holder");
        awaitGiver(holder);
        holder.process().kill();
        await("nobody has it any more")
                .atMost(LIMIT)
                .pollInterval(POLL_INTERVAL)
                .until(this::giver, Optional.empty()::equals);
        AgentProcess again = startHolder("holder");
        assertThat(again.registry()).isNotEqualTo(holder.registry());
        awaitGiver(again);
        assertAllContentArrives();
    }

    @Test
    void theNodeThatAllMetFirstMayGo() throws Exception {
        AgentProcess holder = startHolder("holder");
        AgentProcess other = AgentProcess.startInDht(
                processes, "other", Files.createDirectory(directory.resolve("other layout")), Optional.of(mirror));
        awaitGiver(holder);
        mirror.process().kill();
        await("the others go on without it")
                .atMost(LIMIT)
                .pollInterval(POLL_INTERVAL)
                .until(() -> other.get(other.manifest(NAME)).statusCode() == 200);
    }
}
