package dev.spegel.agent.doctor;

import dev.spegel.agent.doctor.MirrorHosts.Answer;
import dev.spegel.agent.inspect.PeersReport;
import dev.spegel.agent.inspect.StatusReport;
import dev.spegel.agent.inspect.StatusReport.LastRequest;
import dev.spegel.containerd.ContainerdDetails;
import dev.spegel.containerd.ContainerdPlugin;
import dev.spegel.containerd.cri.ConfigFileException;
import dev.spegel.containerd.cri.ConfigFiles;
import dev.spegel.containerd.mirror.RegistryHost;
import dev.spegel.routing.PeerAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a survey may bring home. Begins with a node where all is well; each method changes one thing. */
final class EvidenceBuilder {
    static final String INSTANCE = "this";
    static final String HERE = "http://10.0.0.7:30020";

    private static final String OLD_PATH =
            "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\nconfig_path = \"%s\"\n";
    private static final String CERTS = "/etc/containerd/certs.d";

    private final Path file;
    private String registryConfigPath = CERTS;
    private Fact<String> version = Fact.of("1.6.20~ds1");
    private final List<ContainerdPlugin> plugins = new ArrayList<>();
    private Fact<FileTime> socketMade = Fact.of(FileTime.fromMillis(Long.MAX_VALUE / 2));
    private Fact<String> config = Fact.of(OLD_PATH.formatted(CERTS));
    private boolean hostsKnown = true;
    private final Map<String, Fact<List<RegistryHost>>> registries = new LinkedHashMap<>();
    private final Map<String, Fact<Answer>> answers = new HashMap<>(Map.of(HERE, Fact.of(new Answer(200, INSTANCE))));
    private Fact<StatusReport> agent = agent(Optional.empty(), 12);
    private Fact<PeersReport> peers = peers(3);
    private Fact<TagAudit> tags = Fact.of(new TagAudit(5, 5, List.of(), List.of()));

    /** @param directory for files that this needs */
    EvidenceBuilder(Path directory) {
        file = directory.resolve("config.toml");
        registry("_default", HERE);
    }

    EvidenceBuilder version(String text) {
        version = Fact.of(text);
        return this;
    }

    EvidenceBuilder noContainerd() {
        version = Fact.unknown("containerd at /s: there is no socket");
        socketMade = Fact.unknown("/s");
        return this;
    }

    EvidenceBuilder noPlugins() {
        plugins.add(new ContainerdPlugin("io.containerd.content.v1", "content", Map.of(), Optional.empty()));
        return this;
    }

    EvidenceBuilder plugin(String type, String id, Map<String, String> exports, String failure) {
        plugins.add(
                new ContainerdPlugin(type, id, exports, failure.isEmpty() ? Optional.empty() : Optional.of(failure)));
        return this;
    }

    EvidenceBuilder config(String text) {
        config = Fact.of(text);
        return this;
    }

    /** In the table of containerd 2. */
    EvidenceBuilder images(String lines, String registryLines) {
        return config(
                "version = 3\n[plugins.\"io.containerd.cri.v1.images\"]\n%s\n[plugins.\"io.containerd.cri.v1.images\".registry]\n%s\n"
                        .formatted(lines, registryLines));
    }

    EvidenceBuilder configPath(String value) {
        return config(OLD_PATH.formatted(value));
    }

    EvidenceBuilder noConfig() {
        config = Fact.unknown("there is no /etc/containerd/config.toml");
        return this;
    }

    EvidenceBuilder startedBeforeTheChange() {
        socketMade = Fact.of(FileTime.fromMillis(0));
        return this;
    }

    EvidenceBuilder registryConfigPath(String path) {
        registryConfigPath = path;
        return this;
    }

    EvidenceBuilder noHosts() {
        hostsKnown = false;
        return this;
    }

    EvidenceBuilder noRegistries() {
        registries.clear();
        return this;
    }

    EvidenceBuilder registry(String name, String... urls) {
        registries.put(
                name,
                Fact.of(Arrays.stream(urls)
                        .map(url -> new RegistryHost(url, List.of()))
                        .toList()));
        return this;
    }

    EvidenceBuilder brokenRegistry(String name) {
        registries.put(name, Fact.unknown(name + "/hosts.toml: containerd can't use this file"));
        return this;
    }

    EvidenceBuilder answer(String url, int status, String instance) {
        answers.put(url, Fact.of(new Answer(status, instance)));
        return this;
    }

    EvidenceBuilder noAnswer(String url) {
        answers.put(url, Fact.unknown("nothing answers there"));
        return this;
    }

    EvidenceBuilder noAgent() {
        agent = Fact.unknown("nothing answers at 127.0.0.1:9090");
        peers = Fact.unknown("nothing answers at 127.0.0.1:9090");
        tags = Fact.unknown("nothing answers at 127.0.0.1:9090");
        return this;
    }

    EvidenceBuilder agentNotReady() {
        agent = agent(Optional.of("no other node is known"), 0);
        return this;
    }

    EvidenceBuilder neverAsked() {
        agent = agent(Optional.empty(), 0);
        return this;
    }

    EvidenceBuilder peersKnown(int count) {
        peers = peers(count);
        return this;
    }

    EvidenceBuilder tags(int advertised, int checked, String... broken) {
        tags = Fact.of(new TagAudit(advertised, checked, List.of(broken), List.of()));
        return this;
    }

    EvidenceBuilder tagsHeldBack(int advertised, String... heldBack) {
        tags = Fact.of(new TagAudit(advertised, advertised, List.of(), List.of(heldBack)));
        return this;
    }

    EvidenceBuilder tagsUnknown() {
        tags = Fact.unknown("there was no answer within 8 s");
        return this;
    }

    Evidence build() {
        Set<String> asked = new HashSet<>();
        if (plugins.isEmpty()) {
            plugin("io.containerd.grpc.v1", "cri", Map.of("CRIVersion", "v1"), "");
        }
        registries.values().forEach(fact -> fact.value().orElse(List.of()).forEach(host -> asked.add(host.url())));
        answers.keySet().retainAll(asked);
        return new Evidence(
                new DoctorSettings(
                        Path.of("/s"),
                        Path.of("/etc/containerd/config.toml"),
                        Path.of(registryConfigPath),
                        new PeerAddress("127.0.0.1", 9090),
                        Optional.empty()),
                version.then(text -> Fact.of(new ContainerdDetails(text, plugins))),
                socketMade,
                config.then(this::read),
                hostsKnown
                        ? Fact.of(new MirrorHosts(registries, answers))
                        : Fact.unknown("there is no directory " + registryConfigPath),
                agent,
                peers,
                tags);
    }

    private Fact<ConfigFiles> read(String text) {
        try {
            Files.writeString(file, text);
            return Fact.of(ConfigFiles.read(file));
        } catch (ConfigFileException e) {
            return Fact.unknown(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Fact<StatusReport> agent(Optional<String> notReadyBecause, long requests) {
        return Fact.of(new StatusReport(
                "1.2.3",
                INSTANCE,
                Duration.ofMinutes(10),
                "0.0.0.0:5000",
                false,
                notReadyBecause,
                List.of(),
                new StatusReport.ContainerdRequests(
                        requests,
                        requests == 0
                                ? Optional.empty()
                                : Optional.of(new LastRequest(Duration.ofSeconds(5), "containerd/1.6\033[31m")))));
    }

    private static Fact<PeersReport> peers(int known) {
        return Fact.of(new PeersReport(new PeersReport.Self("libp2p", "id", known > 0, List.of()), known, List.of()));
    }
}
