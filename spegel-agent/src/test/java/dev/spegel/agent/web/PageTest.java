package dev.spegel.agent.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.agent.doctor.Doctor;
import dev.spegel.agent.doctor.DoctorSettings;
import dev.spegel.agent.inspect.ImagesReport;
import dev.spegel.agent.inspect.ImagesRequest;
import dev.spegel.agent.inspect.NodeView;
import dev.spegel.agent.inspect.StatusReport;
import dev.spegel.agent.inspect.TagsReport;
import dev.spegel.routing.PeerAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page as text; what a browser makes of it is another test's. */
class PageTest {
    private static final Question NOTHING = new Question("", "");
    private static final Pattern ELEMENT = Pattern.compile("<([a-z0-9]+)[ >]");
    private static final Pattern HANDLER = Pattern.compile("<[^>]* (on[a-z]+|style)=", Pattern.CASE_INSENSITIVE);

    private final SampleViews views = new SampleViews();
    private final Page page = page(views);

    private Page page(NodeView node) {
        return new Page(
                views,
                node,
                views,
                new Measurements(
                        () -> {
                            throw new AssertionError("nobody measures here");
                        },
                        task -> {},
                        System::nanoTime),
                new Examinations(
                        new Doctor(
                                new DoctorSettings(
                                        Path.of("s"),
                                        Path.of("c"),
                                        Path.of("r"),
                                        new PeerAddress("127.0.0.1", 1),
                                        Optional.empty()),
                                task -> {}),
                        task -> {},
                        System::nanoTime));
    }

    @Test
    void hostileNamesAreShownAndNotRun() throws Exception {
        String html = page.write(new Question(SampleViews.SCRIPT, SampleViews.IMAGE));
        assertThat(html.split("<script", -1)).as("but ours").hasSize(2);
        assertThat(html).contains("<script src=\"script.js\" defer></script>");
        assertThat(html).doesNotContain("<img").doesNotContain("<svg onload").doesNotContain("\u202E");
        assertThat(html).contains("&lt;script&gt;document.title=&#39;run&#39;&lt;/script&gt;", "[U+202E]");
        assertThat(HANDLER.matcher(html).find())
                .as("an inline handler or style")
                .isFalse();
    }

    @Test
    void whatIsLookedUpIsWhatPeopleMean() throws Exception {
        String digest = "sha256:" + "0".repeat(64);
        assertThat(page.write(new Question(digest, ""))).contains("<code><bdi>" + digest + "</bdi>");
        assertThat(page.write(new Question("alpine", ""))).contains("<code><bdi>docker.io/library/alpine:latest</bdi>");
    }

    @Test
    void onlyElementsOfOursAreThere() throws Exception {
        assertThat(ELEMENT.matcher(page.write(new Question("x", "")))
                        .results()
                        .map(found -> found.group(1))
                        .distinct())
                .isSubsetOf(
                        "html",
                        "head",
                        "meta",
                        "title",
                        "link",
                        "script",
                        "body",
                        "a",
                        "header",
                        "h1",
                        "h2",
                        "h3",
                        "nav",
                        "ul",
                        "li",
                        "main",
                        "section",
                        "div",
                        "p",
                        "span",
                        "bdi",
                        "dl",
                        "dt",
                        "dd",
                        "figure",
                        "figcaption",
                        "strong",
                        "svg",
                        "line",
                        "rect",
                        "form",
                        "label",
                        "input",
                        "button",
                        "table",
                        "thead",
                        "tbody",
                        "tr",
                        "th",
                        "td",
                        "small",
                        "code",
                        "details",
                        "summary");
    }

    @Test
    void nothingComesFromElsewhere() throws Exception {
        String html = page.write(NOTHING);
        assertThat(Pattern.compile("(?:src|href|action|data-live)=\"([^\"]*)\"")
                        .matcher(html)
                        .results()
                        .map(found -> found.group(1)))
                .isNotEmpty()
                .allMatch(address -> !address.contains("//") && !address.contains(":"));
    }

    @Test
    void longNamesAreCut() throws Exception {
        assertThat(page.write(NOTHING)).contains("… (5000 characters)").hasSizeLessThan(100_000);
    }

    @Test
    void aSectionIsToBeHadAlone() throws Exception {
        assertThat(page.write("peers", NOTHING).orElseThrow())
                .contains("10.0.0.8:5000", "117 MiB/s", "avoided for now", "quarantined for 59 s", "too busy")
                .doesNotContain("<html");
        assertThat(page.write("lookup", NOTHING)).as("a form").isEmpty();
        assertThat(page.write("nonsense", NOTHING)).isEmpty();
    }

    @Test
    void aSectionThatFailsLeavesTheOthersAlone() throws Exception {
        NodeView broken = new NodeView() {
            @Override
            public StatusReport status() {
                return views.status();
            }

            @Override
            public TagsReport tags() {
                return views.tags();
            }

            @Override
            public ImagesReport images(ImagesRequest request) throws IOException {
                throw new IOException("the store is <down>");
            }
        };
        assertThat(page(broken).write(NOTHING))
                .contains("This can&#39;t be told now: <bdi>the store is &lt;down&gt;</bdi>", "10.0.0.8:5000");
    }

    @Test
    void theChartsSaySoInWords() throws Exception {
        assertThat(page.write("history", NOTHING).orElseThrow())
                .contains("role=\"img\" aria-label=\"Hit rate by minute: ", "% of ", "requests", "From other nodes");
    }
}
