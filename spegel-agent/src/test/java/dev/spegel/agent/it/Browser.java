package dev.spegel.agent.it;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.logging.Level;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** Chromium without a window, which reaches loopback and nothing else. */
final class Browser implements AutoCloseable {
    private static final String AXE = "META-INF/resources/webjars/axe-core/%s/axe.min.js";
    private static final String AXE_VERSION = "META-INF/maven/org.webjars.npm/axe-core/pom.properties";

    private final ChromeDriver driver;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
    }

    /** Starts the system's; tests that need it are skipped where there is none. */
    static Browser start() {
        Tools.assumeInstalled("chromium", "chromedriver");
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        logs.enable(LogType.PERFORMANCE, Level.ALL);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(onPath("chromium"));
        options.addArguments(
                "--headless=new",
                "--no-sandbox", // its sandbox refuses root, as whom these tests mostly run; it sees our page alone
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1");
        options.setCapability("goog:loggingPrefs", logs);
        // Named, or Selenium would look on the network for one.
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(onPath("chromedriver"))
                .build();
        return new Browser(new ChromeDriver(service, options));
    }

    private static File onPath(String program) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .map(directory -> new File(directory, program))
                .filter(File::canExecute)
                .findFirst()
                .orElseThrow();
    }

    ChromeDriver driver() {
        return driver;
    }

    /** As from now on, a screen of this size and its user's taste. */
    void look(int width, int height, boolean dark) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    }

    void runScripts(boolean run) {
        driver.executeCdpCommand("Emulation.setScriptExecutionDisabled", Map.of("value", !run));
    }

    /** The whole page as a picture. */
    void picture(Path file) throws IOException {
        Map<String, Object> picture = driver.executeCdpCommand(
                "Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
        Files.createDirectories(file.getParent());
        Files.write(file, Base64.getDecoder().decode((String) picture.get("data")));
    }

    /** What the console has said since this was asked last. */
    List<String> console() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .map(LogEntry::toString)
                .toList();
    }

    /** The protocol's messages since this was asked last, as JSON. */
    List<String> messages() {
        return driver.manage().logs().get(LogType.PERFORMANCE).getAll().stream()
                .map(LogEntry::getMessage)
                .toList();
    }

    /** What axe finds wrong with the page: rule, impact and where. */
    List<String> faults() throws IOException {
        Properties axe = new Properties();
        try (InputStream properties = resource(AXE_VERSION)) {
            axe.load(properties);
        }
        try (InputStream script = resource(AXE.formatted(axe.getProperty("version")))) {
            driver.executeScript(new String(script.readAllBytes(), StandardCharsets.UTF_8));
        }
        Object found = driver.executeAsyncScript("""
                const done = arguments[arguments.length - 1];
                axe.run().then(
                    result => done(result.violations.map(fault =>
                        fault.impact + ": " + fault.id + " at " + fault.nodes.map(node => node.html).join(" | "))),
                    failure => done(["critical: axe failed: " + failure]));
                """);
        return ((List<?>) found).stream().map(String::valueOf).toList();
    }

    private static InputStream resource(String name) throws IOException {
        InputStream in = Browser.class.getClassLoader().getResourceAsStream(name);
        if (in == null) {
            throw new IOException("the class path lacks " + name);
        }
        return in;
    }

    @Override
    public void close() {
        driver.quit();
    }
}
