package dev.spegel.agent.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spegel.agent.console.Style;
import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Reference;
import dev.spegel.oci.store.OciLayoutWriter;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DemoTest {
    private static final DemoImage SMALL = new DemoImage.Generated(5 << 20);

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);

    private String text() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void showsWhereEachPieceCameFrom() throws Exception {
        new Demo(SMALL, Demo.Format.TEXT, false).run(out, false, Style.PLAIN, () -> {});
        assertThat(text())
                .contains("node-1", "has registry.example/demo/app:1.0")
                .contains("node-3 pulls the image through its own agent", "node-2 pulls the image")
                .containsPattern("layer 5 +sha256:[0-9a-f]{12} +node-1 +2[0-9]{2}.[0-9] KiB +[0-9]+ ms")
                .contains("What just happened", "No registry was asked, and all 14 pieces of content matched")
                .doesNotContain("\u001b", "\r");
    }

    @Test
    void jsonSaysTheSame() throws Exception {
        new Demo(SMALL, Demo.Format.JSON, false).run(out, true, Style.PLAIN, () -> {});
        JsonNode result = new ObjectMapper().readTree(text());
        assertThat(result.path("image").asText()).isEqualTo("registry.example/demo/app:1.0");
        JsonNode first = result.path("pulls").path(0);
        assertThat(first.path("node").asText()).isEqualTo("node-3");
        assertThat(first.path("contents")).hasSize(7);
        first.path("contents")
                .forEach(content -> assertThat(content.path("from"))
                        .singleElement()
                        .satisfies(node -> assertThat(node.asText()).isEqualTo("node-1")));
        JsonNode second = result.path("pulls").path(1);
        second.path("contents")
                .forEach(content ->
                        assertThat(content.path("from").path(0).asText()).isIn("node-1", "node-3"));
    }

    @Test
    void sendsAGivenImageAroundAndKeepsThePlatformsItHas(@TempDir Path layout) throws Exception {
        SampleImage image = SampleImages.twoPlatforms();
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            for (Descriptor content : image.content()) {
                writer.add(content, new ByteArrayInputStream(image.bytes(content.digest())));
            }
            writer.name(Reference.parse("registry.example/given:1"), image.target());
            writer.commit();
        }
        DemoImage given = new DemoImage.Given(layout, Optional.of(Reference.parse("ghcr.io/team/renamed:2")));
        new Demo(given, Demo.Format.TEXT, false).run(out, false, Style.PLAIN, () -> {});
        assertThat(text())
                .contains("has ghcr.io/team/renamed:2")
                .containsPattern("index +" + image.target().digest().toString().substring(0, 19) + " +node-1");
    }

    @Test
    void whatIsKeptRunsUntilToldOtherwiseAndIsThenGone() throws Exception {
        List<Path> hosts = new ArrayList<>();
        new Demo(SMALL, Demo.Format.TEXT, true).run(out, false, Style.PLAIN, () -> {
            String line = text().lines()
                    .filter(each -> each.contains("--hosts-dir"))
                    .findFirst()
                    .orElseThrow();
            Path directory = Path.of(line.replaceAll(".*--hosts-dir (\\S+) .*", "$1"));
            assertThat(directory.resolve("registry.example/hosts.toml")).exists();
            assertThat(text()).contains("/debug/api/lookup?key=registry.example/demo/app:1.0'");
            hosts.add(directory);
        });
        assertThat(hosts)
                .singleElement()
                .satisfies(directory -> assertThat(directory.getParent()).doesNotExist());
    }

    @Test
    void anInterruptedDemoCleansUp() throws Exception {
        List<Path> directories = new ArrayList<>();
        Demo demo = new Demo(SMALL, Demo.Format.TEXT, true);
        assertThatThrownBy(() -> demo.run(out, false, Style.PLAIN, () -> {
                    directories.add(Path.of(text().replaceAll("(?s).*--hosts-dir (\\S+)/certs.d .*", "$1")));
                    Thread.currentThread().interrupt();
                    throw new InterruptedException("as by Ctrl-C");
                }))
                .isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).as("the flag is kept").isTrue();
        assertThat(directories)
                .singleElement()
                .satisfies(directory -> assertThat(directory).isAbsolute().doesNotExist());
    }

    @Test
    void anImageWithoutANameAsksForOne(@TempDir Path layout) throws IOException {
        Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        Files.writeString(layout.resolve("index.json"), "{\"schemaVersion\":2,\"manifests\":[]}");
        Demo demo = new Demo(new DemoImage.Given(layout, Optional.empty()), Demo.Format.TEXT, false);
        assertThatThrownBy(() -> demo.run(out, false, Style.PLAIN, () -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("name");
    }
}
