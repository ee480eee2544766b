package dev.spegel.agent.it;

import static dev.spegel.agent.it.Layouts.NAME;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spegel.agent.it.DocumentedMetrics.Metric;
import dev.spegel.agent.it.Scrape.Family;
import dev.spegel.agent.it.Scrape.Sample;
import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What agents say to Prometheus after some traffic, the page that lists it, and the dashboard that shows it. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class MetricsIT {
    private static final SampleImage IMAGE = SampleImages.twoPlatforms();
    private static final Path DASHBOARD = Path.of("..", "docs", "grafana", "spegel.json");

    /** Of one family of one agent: a histogram of 14 buckets for three routes with two methods and some codes, or the messages of the DHT. */
    private static final int MAX_SERIES = 400;

    /** What only an agent with a live containerd has. */
    private static final Set<String> WITH_CONTAINERD_ONLY = Set.of("spegel_containerd_info");

    private static final Pattern NAME_IN_QUERY = Pattern.compile("\\b(?:spegel|http|jvm|process)_[a-z0-9_]+");
    private static final Pattern SELECTOR = Pattern.compile("([a-z][a-z0-9_]*)\\{([^}]*)\\}");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)(?:=|=~|!=|!~)\"");
    private static final Pattern GROUPING = Pattern.compile("by \\(([^)]*)\\) ?\\(");

    /** Set by Prometheus. */
    private static final Set<String> OF_PROMETHEUS = Set.of("job", "instance");

    @RegisterExtension
    private static final Processes AGENTS = new Processes();

    @RegisterExtension
    private final Processes processes = new Processes();

    private static AgentProcess mirror;
    private static List<AgentProcess> agents;

    @BeforeAll
    static void startAgentsAndUseThem(@TempDir Path shared) throws Exception {
        Layouts.write(shared.resolve("holder"), IMAGE);
        AgentProcess holder = AgentProcess.startInDht(AGENTS, "holder", shared.resolve("holder"), Optional.empty());
        Path empty = Files.createDirectory(shared.resolve("empty"));
        mirror = AgentProcess.startInDht(AGENTS, "mirror", empty, Optional.of(holder));
        AgentProcess containerd = AgentProcess.startWithStore(
                AGENTS, "without containerd", "--store=containerd", "--containerd-sock=" + shared.resolve("none.sock"));
        agents = List.of(holder, mirror, containerd);
        holder.awaitServing(NAME);
        mirror.awaitFinding(NAME);
        for (AgentProcess agent : List.of(holder, mirror)) {
            assertThat(agent.get(agent.manifest(NAME)).statusCode()).isEqualTo(200);
            for (Descriptor content : IMAGE.content()) {
                String kind = content.mediaType().isManifest() ? "manifests/" : "blobs/";
                URI uri = agent.content(NAME, kind + content.digest());
                assertThat(agent.get(uri).statusCode()).isEqualTo(200);
                if (!content.mediaType().isManifest()) {
                    assertThat(agent.get(uri, "Range", "bytes=1-2").statusCode())
                            .isEqualTo(206);
                }
            }
        }
        Digest nobodys = Digest.ofSha256(new byte[] {1, 2, 3});
        assertThat(mirror.get(mirror.content(NAME, "blobs/" + nobodys)).statusCode())
                .isEqualTo(404);
        wave("evilone");
    }

    /** What a stranger may send, with this word wherever there is room for one. */
    private static void wave(String word) throws IOException, InterruptedException {
        HttpClient http = HttpClient.newHttpClient();
        for (int i = 0; i < 20; i++) {
            String name = word + i;
            Digest digest = Digest.ofSha256(name.getBytes(StandardCharsets.UTF_8));
            List<String> targets = List.of(
                    "/v2/%s/manifests/%s?ns=%s.example".formatted(name, name, name),
                    "/v2/%s/app/blobs/%s?ns=%s.example:%d".formatted(name, digest, name, 1 + i),
                    "/v2/%s.example/%s/blobs/%s".formatted(name, name, digest),
                    "/v2/%s/blobs/%s?ns=%s&ns=%s".formatted(name, name, name, name),
                    "/v2/%s/tags/list?ns=docker.io".formatted(name),
                    "/v2/" + URLEncoder.encode(name + "\"\n{}", StandardCharsets.UTF_8),
                    "/" + name);
            for (String target : targets) {
                for (String server : List.of(mirror.registry(), mirror.metrics())) {
                    http.send(
                            HttpRequest.newBuilder(URI.create("http://" + server + target))
                                    .header("User-Agent", name)
                                    .header("Range", "bytes=" + name)
                                    .header("X-Spegel-Mirrored", i % 2 == 0 ? "true" : name)
                                    .method(
                                            i % 3 == 0 ? name.toUpperCase(Locale.ROOT) : "GET",
                                            HttpRequest.BodyPublishers.noBody())
                                    .build(),
                            BodyHandlers.discarding());
                }
            }
            http.send(
                    HttpRequest.newBuilder(URI.create("http://%s/debug/api/lookup?key=%s.example/a:%s"
                                    .formatted(mirror.metrics(), name, name)))
                            .build(),
                    BodyHandlers.discarding());
            raw(name + " /v2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            raw("GET /v2/" + name + "\0 HTTP/1.1\r\nHost: " + name + "\r\nConnection: close\r\n\r\n");
        }
    }

    private static void raw(String request) throws IOException {
        URI server = URI.create("http://" + mirror.registry());
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            socket.getInputStream().readAllBytes();
        }
    }

    private static Map<String, Family> allFamilies() throws IOException, InterruptedException {
        Map<String, Family> all = new LinkedHashMap<>();
        for (AgentProcess agent : agents) {
            agent.scrape()
                    .families()
                    .forEach((name, family) -> all.merge(name, family, (one, another) -> {
                        assertThat(another.type()).isEqualTo(one.type());
                        List<Sample> samples = new ArrayList<>(one.samples());
                        samples.addAll(another.samples());
                        return new Family(name, one.type(), one.help(), samples);
                    }));
        }
        return all;
    }

    @Test
    void eachMetricIsOnThePageAndTheOtherWayRound() throws Exception {
        Map<String, Metric> documented = DocumentedMetrics.read();
        Map<String, Family> families = allFamilies();
        Set<String> expected = new TreeSet<>(documented.keySet());
        expected.removeAll(WITH_CONTAINERD_ONLY);
        Set<String> found = new TreeSet<>(families.keySet());
        found.removeAll(WITH_CONTAINERD_ONLY);
        assertThat(found).isEqualTo(expected);
        families.forEach((name, family) -> {
            Metric metric = documented.get(name);
            assertThat(family.type()).as("type of " + name).isEqualTo(metric.type());
            assertThat(family.labels())
                    .as("labels of " + name)
                    .isEqualTo(new TreeSet<>(metric.labels().keySet()));
            for (Sample sample : family.samples()) {
                metric.labels()
                        .forEach((label, values) -> assertThat(values.isEmpty()
                                        || values.contains(sample.labels().get(label)))
                                .as("%s, one of %s, in %s", label, values, sample)
                                .isTrue());
            }
        });
    }

    @Test
    void namesUnitsAndHelpAreAsTheyShouldBe() throws Exception {
        for (AgentProcess agent : agents) {
            Scrape scrape = agent.scrape();
            for (Family family : scrape.families().values()) {
                String name = family.name();
                assertThat(name).matches("(spegel|http|jvm|process)(_[a-z][a-z0-9]*)+");
                assertThat(family.help()).as("help of " + name).isNotBlank();
                assertThat(name.endsWith("_total"))
                        .as(name)
                        .isEqualTo(family.type().equals("counter"));
                assertThat(name)
                        .doesNotMatch(
                                ".*_(ms|millis|milliseconds|ns|nanos|kib|mib|kilobytes|megabytes|percent|ratio_percent)(_.*)?");
                if (family.type().equals("histogram") || family.type().equals("summary")) {
                    assertThat(name).matches(".*_(seconds|bytes)");
                }
                assertThat(family.labels()).allMatch(label -> label.matches("[a-z]+"));
                assertThat(family.samples()).as(name).isNotEmpty().hasSizeLessThanOrEqualTo(MAX_SERIES);
            }
        }
    }

    @Test
    void trafficIsCounted() throws Exception {
        assertThat(mirror.metric("spegel_mirror_requests_total", "cache=\"hit\""))
                .isPositive();
        assertThat(mirror.metric("spegel_mirror_requests_total", "cache=\"miss\""))
                .isPositive();
        long received = mirror.metric("spegel_transfer_bytes_total", "source=\"peer\"", "direction=\"received\"");
        assertThat(received).isPositive();
        assertThat(mirror.metric("spegel_transfer_bytes_total", "source=\"peer\"", "direction=\"to_client\""))
                .isEqualTo(received);
        AgentProcess holder = agents.get(0);
        assertThat(holder.metric("spegel_transfer_bytes_total", "direction=\"to_node\""))
                .isGreaterThanOrEqualTo(received);
        assertThat(holder.metric("spegel_transfer_bytes_total", "source=\"store\"", "direction=\"to_client\""))
                .isPositive();
        assertThat(mirror.metric("spegel_time_to_first_byte_seconds_count", "source=\"peer\""))
                .isPositive();
        assertThat(holder.metric("spegel_time_to_first_byte_seconds_count", "source=\"store\""))
                .isPositive();
        assertThat(holder.metric("spegel_mirror_requests_total", "registry=\"" + NAME.registry()))
                .isZero();
        assertThat(holder.metric("spegel_advertised_image_tags", "registry=\"" + NAME.registry()))
                .isPositive();
        assertThat(mirror.metric("spegel_dht_routing_table_peers")).isPositive();
        assertThat(mirror.metric("spegel_dht_messages_total", "direction=\"received\""))
                .isPositive();
        assertThat(mirror.metric("spegel_ready")).isEqualTo(1);
        assertThat(agents.get(2).metric("spegel_ready")).isZero();
        assertThat(agents.get(2).metric("spegel_containerd_connected")).isZero();
        assertThat(mirror.metric("process_resident_memory_bytes")).isGreaterThan(10_000_000);
        assertThat(mirror.metric("jvm_memory_used_bytes", "area=\"heap\"")).isPositive();
    }

    @Test
    void nothingThatStrangersSendBecomesASeries() throws Exception {
        Set<String> before = mirror.scrape().series("spegel_", "http_", "process_");
        wave("eviltwo");
        Scrape scrape = mirror.scrape();
        assertThat(scrape.series("spegel_", "http_", "process_")).isEqualTo(before);
        assertThat(scrape.text().toLowerCase(Locale.ROOT)).doesNotContain("evil");
    }

    @Test
    void promtoolFindsNothingWrong(@TempDir Path directory) throws Exception {
        Tools.assumeInstalled("promtool");
        for (AgentProcess agent : agents) {
            Path file = directory.resolve("scrape");
            Files.writeString(file, agent.scrape().text());
            assertThat(processes.run("sh", "-c", "promtool check metrics < " + file))
                    .isEmpty();
        }
    }

    @Test
    void dashboardAsksForWhatThereIs() throws Exception {
        JsonNode dashboard = new ObjectMapper().readTree(DASHBOARD.toFile());
        List<String> queries = queries(dashboard);
        assertThat(queries).hasSizeGreaterThan(50).doesNotHaveDuplicates();
        for (JsonNode variable : dashboard.path("templating").path("list")) {
            if (variable.path("type").asText().equals("query")) {
                queries.add(variable.path("query").path("query").asText());
            }
        }
        Map<String, Set<String>> labels = labelsBySample();
        Set<String> used = new HashSet<>();
        for (String query : queries) {
            Set<String> known = new HashSet<>(OF_PROMETHEUS);
            assertThat(NAME_IN_QUERY.matcher(query).results())
                    .as(query)
                    .isNotEmpty()
                    .allSatisfy(name -> {
                        assertThat(labels).containsKey(name.group());
                        known.addAll(labels.get(name.group()));
                        used.add(name.group());
                    });
            SELECTOR.matcher(query).results().forEach(selector -> {
                Set<String> ofSelected = new HashSet<>(labels.get(selector.group(1)));
                ofSelected.addAll(OF_PROMETHEUS);
                MATCHER.matcher(selector.group(2))
                        .results()
                        .forEach(matcher -> assertThat(ofSelected).as(query).contains(matcher.group(1)));
            });
            GROUPING.matcher(query)
                    .results()
                    .flatMap(by -> List.of(by.group(1).split(", *", -1)).stream())
                    .forEach(label -> assertThat(known).as(query).contains(label));
        }
        assertThat(used).hasSizeGreaterThan(40);
    }

    /** As recording rules, since that is what it checks. */
    @Test
    void promtoolUnderstandsTheDashboard(@TempDir Path directory) throws Exception {
        Tools.assumeInstalled("promtool");
        StringBuilder rules = new StringBuilder("groups:\n- name: dashboard\n  rules:\n");
        int number = 0;
        for (String query : queries(new ObjectMapper().readTree(DASHBOARD.toFile()))) {
            String expression = query.replace("$__rate_interval", "5m").replace("$__range", "1h");
            rules.append("  - record: dashboard:query%d\n    expr: '%s'\n"
                    .formatted(number++, expression.replace("'", "''")));
        }
        Path file = directory.resolve("rules.yml");
        Files.writeString(file, rules);
        assertThat(processes.run("promtool", "check", "rules", file.toString()))
                .contains("SUCCESS: %d rules".formatted(number));
    }

    private static List<String> queries(JsonNode dashboard) throws IOException {
        List<String> queries = new ArrayList<>();
        for (JsonNode panel : dashboard.path("panels")) {
            panel.path("targets")
                    .forEach(target -> queries.add(target.path("expr").asText()));
        }
        queries.addAll(DocumentedMetrics.queries());
        return queries;
    }

    private static Map<String, Set<String>> labelsBySample() throws IOException, InterruptedException {
        Map<String, Set<String>> labels = new HashMap<>();
        for (Family family : allFamilies().values()) {
            for (Sample sample : family.samples()) {
                labels.computeIfAbsent(sample.name(), name -> new HashSet<>())
                        .addAll(sample.labels().keySet());
            }
        }
        return labels;
    }
}
