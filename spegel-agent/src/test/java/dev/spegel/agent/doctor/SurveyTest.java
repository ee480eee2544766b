package dev.spegel.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.spegel.agent.inspect.TagsReport;
import dev.spegel.agent.inspect.TagsReport.HeldBack;
import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.routing.PeerAddress;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SurveyTest {
    @TempDir
    private Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    private Evidence survey(Path socket, int agentPort, Duration limit) throws InterruptedException {
        DoctorSettings settings = new DoctorSettings(
                socket,
                directory.resolve("config.toml"),
                directory.resolve("certs.d"),
                new PeerAddress("127.0.0.1", agentPort),
                Optional.empty());
        return new Survey(settings, threads, limit).collect();
    }

    @Test
    void whereThereIsNothingThereIsAReasonForEachFact() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Evidence evidence = survey(directory.resolve("sock"), port, Survey.LIMIT);
        assertThat(evidence.containerd().whyUnknown()).contains("there is no socket");
        assertThat(evidence.socketMade().value()).isEmpty();
        assertThat(evidence.config().whyUnknown()).contains("there is no ", "config.toml");
        assertThat(evidence.hosts().whyUnknown()).contains("there is no directory ", "certs.d");
        assertThat(evidence.agent().whyUnknown()).contains("nothing answers at 127.0.0.1:" + port);
        assertThat(evidence.peers().whyUnknown()).contains("nothing answers");
        assertThat(evidence.tags().whyUnknown()).contains("nothing answers");
    }

    @Test
    void whatHangsHoldsUpNothingElse() throws Exception {
        Files.writeString(directory.resolve("config.toml"), "version = 2");
        Path socket = directory.resolve("sock");
        long start = System.nanoTime();
        Evidence evidence;
        // Both take connections and never answer.
        try (ServerSocketChannel containerd = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                ServerSocket agent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            containerd.bind(UnixDomainSocketAddress.of(socket));
            evidence = survey(socket, agent.getLocalPort(), Duration.ofSeconds(1));
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(evidence.containerd().whyUnknown()).isEqualTo("there was no answer within 1 s");
        assertThat(evidence.agent().whyUnknown()).isEqualTo("there was no answer within 1 s");
        assertThat(evidence.socketMade().value()).isPresent();
        assertThat(evidence.config().value()).isPresent();
    }

    @Test
    void eachMirrorIsAskedOnce() throws Exception {
        HttpServer mirror = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        List<String> requests = new CopyOnWriteArrayList<>();
        mirror.createContext("/", exchange -> {
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            exchange.getResponseHeaders().set("Spegel-Instance", "it");
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        mirror.start();
        try {
            String url = "http://127.0.0.1:" + mirror.getAddress().getPort();
            for (String registry : List.of("_default", "docker.io")) {
                Path entry =
                        Files.createDirectories(directory.resolve("certs.d").resolve(registry));
                Files.writeString(
                        entry.resolve("hosts.toml"),
                        "[host.\"%s\"]\n[host.\"http://127.0.0.1:1\"]\n[host.\"https://mirror.example/path\"]\n"
                                .formatted(url));
            }
            Files.writeString(
                    Files.createDirectories(directory.resolve("certs.d/ghcr.io"))
                            .resolve("hosts.toml"),
                    "server = 5");
            MirrorHosts hosts = survey(directory.resolve("sock"), 1, Survey.LIMIT)
                    .hosts()
                    .value()
                    .orElseThrow();
            assertThat(hosts.registries()).containsOnlyKeys("_default", "docker.io", "ghcr.io");
            assertThat(hosts.registries())
                    .hasEntrySatisfying(
                            "ghcr.io", fact -> assertThat(fact.whyUnknown()).contains("ghcr.io/hosts.toml"));
            assertThat(hosts.answers())
                    .containsEntry(url, Fact.of(new MirrorHosts.Answer(200, "it")))
                    .hasEntrySatisfying(
                            "http://127.0.0.1:1",
                            fact -> assertThat(fact.whyUnknown()).contains("nothing answers"))
                    .hasEntrySatisfying(
                            "https://mirror.example/path",
                            fact -> assertThat(fact.whyUnknown()).contains("no address of an agent"));
            assertThat(requests).containsExactly("GET /v2/");
        } finally {
            mirror.stop(0);
        }
    }

    /** A registry that lacks what the test takes away. */
    @Nested
    class Tags {
        private static final String TAG = "registry.example/app:1.0";

        private final SampleImage image = SampleImages.twoPlatforms();
        private final Map<String, Descriptor> content = new HashMap<>();
        private final Set<Digest> onlyElsewhere = new HashSet<>();
        private boolean named = true;
        private HttpServer registry;

        @BeforeEach
        void start() throws IOException {
            image.content().forEach(each -> content.put(each.digest().toString(), each));
            registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            registry.createContext("/v2/app/", exchange -> {
                String path = exchange.getRequestURI().getPath();
                String object = path.substring(path.lastIndexOf('/') + 1);
                Descriptor found = object.equals("1.0") ? named ? image.target() : null : content.get(object);
                boolean fromStore = exchange.getRequestHeaders().containsKey("X-Spegel-Mirrored");
                boolean hidden = found != null && fromStore && onlyElsewhere.contains(found.digest());
                boolean asksRight =
                        "ns=registry.example".equals(exchange.getRequestURI().getQuery());
                if (found == null || hidden || !asksRight) {
                    exchange.sendResponseHeaders(asksRight ? 404 : 400, -1);
                } else {
                    byte[] bytes = image.bytes(found.digest());
                    exchange.getResponseHeaders()
                            .set("Content-Type", found.mediaType().value());
                    exchange.getResponseHeaders()
                            .set("Docker-Content-Digest", found.digest().toString());
                    boolean head = exchange.getRequestMethod().equals("HEAD");
                    if (head) {
                        exchange.getResponseHeaders().set("Content-Length", Integer.toString(bytes.length));
                    }
                    exchange.sendResponseHeaders(200, head ? -1 : bytes.length);
                    if (!head) {
                        try (OutputStream out = exchange.getResponseBody()) {
                            out.write(bytes);
                        }
                    }
                }
                exchange.close();
            });
            registry.start();
        }

        @AfterEach
        void stop() {
            registry.stop(0);
        }

        private TagAudit audit(String... tags) throws Exception {
            return audit(new TagsReport(tags.length, List.of(tags), List.of()));
        }

        private TagAudit audit(TagsReport report) throws Exception {
            return new TagAuditor(
                            URI.create(
                                    "http://127.0.0.1:" + registry.getAddress().getPort()),
                            new RegistryClient(Optional.empty(), Optional.empty()))
                    .audit(report);
        }

        private List<Digest> of(Predicate<MediaType> type) {
            return image.content().stream()
                    .filter(each -> type.test(each.mediaType()))
                    .map(Descriptor::digest)
                    .toList();
        }

        @Test
        void aWholeImageIsServed() throws Exception {
            assertThat(audit(TAG)).isEqualTo(new TagAudit(1, 1, List.of(), List.of()));
        }

        @Test
        void whatIsHeldBackIsToldUnlessItIsOnItsWay() throws Exception {
            TagsReport report = new TagsReport(
                    0,
                    List.of(),
                    List.of(
                            new HeldBack("a:1", "not-told-yet", "the network is about to be told"),
                            new HeldBack("b:1", "layer-missing", "a layer isn't here")));
            assertThat(audit(report)).isEqualTo(new TagAudit(0, 0, List.of(), List.of("b:1: a layer isn't here")));
        }

        @Test
        void onePlatformIsEnough() throws Exception {
            Digest first = of(type -> type.isManifest() && !type.isIndex()).get(0);
            content.remove(first.toString());
            assertThat(audit(TAG).broken()).isEmpty();
        }

        @Test
        void aLayerMayBeElsewhere() throws Exception {
            onlyElsewhere.addAll(of(type -> !type.isManifest() && !type.isIndex()));
            assertThat(audit(TAG).broken()).isEmpty();
        }

        @Test
        void aManifestMayNot() throws Exception {
            onlyElsewhere.addAll(of(type -> type.isManifest() && !type.isIndex()));
            assertThat(audit(TAG).broken()).singleElement().asString().contains(TAG, "no image of index", "404");
        }

        @Test
        void aMissingLayerIsNamed() throws Exception {
            of(type -> !type.isManifest() && !type.isIndex()).forEach(digest -> content.remove(digest.toString()));
            assertThat(audit(TAG).broken()).singleElement().asString().contains(TAG, "blob sha256:", "404");
        }

        @Test
        void aMissingTagIsNamed() throws Exception {
            named = false;
            assertThat(audit(TAG).broken()).containsExactly(TAG + ": the registry answers 404");
        }

        @Test
        void ofVeryManyTagsSomeAreAsked() throws Exception {
            String[] tags = new String[1000];
            for (int i = 0; i < tags.length; i++) {
                tags[i] = i % 5 == 0 ? TAG : "registry.example/app:none" + i;
            }
            TagAudit audit = audit(tags);
            assertThat(audit.advertised()).isEqualTo(1000);
            assertThat(audit.checked()).isEqualTo(200);
            assertThat(audit.broken()).isEmpty(); // every fifth is asked for
        }
    }
}
