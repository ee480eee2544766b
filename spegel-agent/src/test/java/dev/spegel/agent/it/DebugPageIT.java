package dev.spegel.agent.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spegel.agent.doctor.Doctor;
import dev.spegel.agent.doctor.DoctorSettings;
import dev.spegel.agent.pull.PullClient;
import dev.spegel.agent.pull.PullLimits;
import dev.spegel.agent.web.DebugPageHandler;
import dev.spegel.agent.web.Examinations;
import dev.spegel.agent.web.Measurements;
import dev.spegel.agent.web.SampleViews;
import dev.spegel.routing.PeerAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.LifeCycle;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.chrome.ChromeDriver;

/** The debug page in a real browser, of a node whose peers and images have names that should do harm. */
@Timeout(300)
class DebugPageIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Path PICTURES = Path.of("target", "debug-page");

    @TempDir
    private static Path directory;

    private static ExecutorService threads;
    private static Server server;
    private static String address;
    private static Browser browser;
    private static ChromeDriver driver;

    @BeforeAll
    static void start() {
        browser = Browser.start();
        driver = browser.driver();
        threads = Executors.newCachedThreadPool();
        SampleViews views = new SampleViews();
        PeerAddress nobody = new PeerAddress("127.0.0.1", 1);
        Doctor doctor = new Doctor(
                new DoctorSettings(
                        directory.resolve("containerd.sock"),
                        directory.resolve("config.toml"),
                        directory.resolve("certs.d"),
                        nobody,
                        Optional.empty()),
                threads);
        server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(new DebugPageHandler(
                views,
                views,
                views,
                new Measurements(
                        () -> new PullClient(URI.create("http://" + nobody), PullLimits.DEFAULTS),
                        threads,
                        System::nanoTime),
                new Examinations(doctor, threads, System::nanoTime)));
        LifeCycle.start(server);
        address = "http://127.0.0.1:%d/debug/web/".formatted(connector.getLocalPort());
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (server != null) {
            LifeCycle.stop(server);
            threads.shutdownNow();
        }
    }

    @BeforeEach
    void forgetWhatWas() {
        browser.runScripts(true);
        browser.look(1280, 900, false);
        driver.get("about:blank");
        browser.console();
        browser.messages();
    }

    private static String text(String selector) {
        return driver.findElement(By.cssSelector(selector)).getText();
    }

    /** Waits until the script has replaced what is in a section. */
    private static void awaitRefresh(String section) {
        driver.executeScript(
                "document.querySelector('#%s [data-live]').firstElementChild.id = 'as-it-was'".formatted(section));
        await().atMost(LIMIT)
                .until(() -> driver.findElements(By.id("as-it-was")).isEmpty());
    }

    /** Where the page's requests went. */
    private static List<String> requested() throws Exception {
        List<String> urls = new ArrayList<>();
        for (String message : browser.messages()) {
            JsonNode event = new ObjectMapper().readTree(message).path("message");
            if (event.path("method").asText().equals("Network.requestWillBeSent")) {
                urls.add(event.path("params").path("request").path("url").asText());
            }
        }
        return urls;
    }

    @ParameterizedTest
    @CsvSource({"1280,900,false", "1280,900,true", "360,740,false", "360,740,true"})
    void itIsFitToBeSeen(int width, int height, boolean dark) throws Exception {
        browser.look(width, height, dark);
        driver.get(address + "?lookup=docker.io%2Flibrary%2Falpine%3A3.20");
        awaitRefresh("overview");
        browser.picture(PICTURES.resolve("%d-%s.png".formatted(width, dark ? "dark" : "light")));
        assertThat(driver.executeScript("return document.documentElement.scrollWidth"))
                .as("no more than the width")
                .isEqualTo((long) width);
        assertThat(driver.executeScript("return getComputedStyle(document.body).backgroundColor"))
                .isEqualTo(dark ? "rgb(18, 22, 27)" : "rgb(244, 246, 248)");
        assertThat((Long) driver.executeScript("return [...document.querySelectorAll('#history rect')]"
                        + ".filter(bar => bar.getBoundingClientRect().height > 1).length"))
                .as("bars that are seen")
                .isGreaterThan(100);
        assertThat(browser.console()).isEmpty();
        assertThat(browser.faults()).noneMatch(fault -> fault.startsWith("serious") || fault.startsWith("critical"));
        assertThat(requested())
                .contains(address + "style.css", address + "script.js", address + "section/overview")
                .allMatch(url -> url.startsWith(address) || url.equals("about:blank"));
    }

    @Test
    void hostileNamesAreShownAndNotRun() {
        driver.get(address + "?lookup=%3Cscript%3Edocument.title%3D'run'%3C%2Fscript%3E");
        for (String section : List.of("overview", "peers", "requests", "health")) {
            assertThat(text("#" + section)).contains(SampleViews.SCRIPT);
            awaitRefresh(section);
            assertThat(text("#" + section)).contains(SampleViews.SCRIPT);
        }
        assertThat(text("#peers")).contains(SampleViews.IMAGE);
        assertThat(text("#images")).contains(SampleViews.SCRIPT, SampleViews.IMAGE, "evil[U+202E]gnp.exe");
        assertThat(text("#lookup"))
                .contains("got \"<script>document.title='run'<\""); // what would be a registry's name
        assertThat(driver.getTitle()).isEqualTo("Spegel");
        assertThat(driver.findElements(By.cssSelector("img, svg[onload], body script")))
                .isEmpty();
        assertThat(browser.console()).isEmpty();
    }

    @Test
    void whatIsOpenStaysOpenAndAPauseIsKept() {
        driver.get(address);
        driver.findElement(By.cssSelector("#live button")).click();
        assertThat(text("#live")).startsWith("Paused");
        driver.findElement(By.cssSelector("#live button")).click();
        assertThat(text("#live")).startsWith("Live");
        driver.findElement(By.cssSelector("#images summary")).click();
        driver.executeScript("document.querySelector('#images [data-live]').dataset.every = '1'");
        awaitRefresh("images");
        assertThat(driver.findElement(By.cssSelector("#images details")).getDomProperty("open"))
                .isEqualTo("true");
    }

    @Test
    void formsWorkWithoutScripts() {
        browser.runScripts(false);
        driver.get(address);
        assertThat(text("#live")).isEmpty();
        assertThat(text("#peers")).contains("10.0.0.8:5000");
        driver.findElement(By.id("lookup-key")).sendKeys("alpine\n");
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(text("#lookup"))
                        .contains("1 node says that it has docker.io/library/alpine:latest"));
        driver.findElement(By.id("measure-image")).sendKeys("registry.example/app:1\n");
        await().atMost(LIMIT).untilAsserted(() -> {
            driver.get(address);
            assertThat(text("#measured")).contains("registry.example/app:1 ended after");
        });
        driver.findElement(By.cssSelector("form[action=examine] button")).click();
        await().atMost(LIMIT).untilAsserted(() -> {
            driver.get(address);
            assertThat(text("#health")).contains("Examined ", "advertised-tags");
        });
        driver.findElement(By.linkText("Next page")).click();
        await().atMost(LIMIT).untilAsserted(() -> assertThat(text("#images")).contains("First page"));
    }
}
