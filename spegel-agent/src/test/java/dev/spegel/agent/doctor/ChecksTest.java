package dev.spegel.agent.doctor;

import static dev.spegel.agent.doctor.Finding.Status.ERROR;
import static dev.spegel.agent.doctor.Finding.Status.OK;
import static dev.spegel.agent.doctor.Finding.Status.UNKNOWN;
import static dev.spegel.agent.doctor.Finding.Status.WARNING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.agent.doctor.Finding.Status;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What each check makes of a node. */
class ChecksTest {
    private static final String IMAGES = "io.containerd.cri.v1";
    private static final String CRI = "io.containerd.grpc.v1";
    private static final String CERTS = "config_path = '/etc/containerd/certs.d'";
    private static final String LIST = "/etc/containerd/certs.d:/etc/docker/certs.d";
    private static final String ELSEWHERE = "http://10.0.0.9:30020";

    @TempDir
    private Path directory;

    /** @param words that the finding and its remedy contain */
    private record Case(String id, UnaryOperator<EvidenceBuilder> node, Status status, List<String> words) {
        @Override
        public String toString() {
            return id + " " + status + " " + words;
        }
    }

    private static Case of(String id, UnaryOperator<EvidenceBuilder> node, Status status, String... words) {
        return new Case(id, node, status, List.of(words));
    }

    static Stream<Case> socket() {
        return Stream.of(
                of("containerd-socket", node -> node, OK, "containerd answers at /s"),
                of(
                        "containerd-socket",
                        EvidenceBuilder::noContainerd,
                        ERROR,
                        "there is no socket",
                        "--containerd-sock"));
    }

    static Stream<Case> version() {
        String id = "containerd-version";
        return Stream.of(
                of(id, node -> node, OK, "containerd 1.6.20~ds1"),
                of(id, node -> node.version("v2.4.0-beta.0"), OK),
                of(id, node -> node.version("1.5.9"), ERROR, "older than 1.6", "Upgrade"),
                of(id, node -> node.version("301026e5.m"), UNKNOWN, "\"301026e5.m\"", "which release"),
                of(id, EvidenceBuilder::noContainerd, UNKNOWN, "containerd-socket"));
    }

    static Stream<Case> criPlugin() {
        String id = "cri-plugin";
        String clash = "`mirrors` cannot be set when `config_path` is provided";
        return Stream.of(
                of(id, node -> node, OK, "runs"),
                of(id, node -> node.plugin(IMAGES, "images", Map.of(), "").plugin(CRI, "cri", Map.of(), ""), OK),
                of(
                        id,
                        node -> node.plugin(CRI, "cri", Map.of(), "invalid: " + clash),
                        ERROR,
                        clash,
                        "registry.mirrors"),
                of(
                        id,
                        node -> node.plugin(CRI, "cri", Map.of(), "a dependency")
                                .plugin(IMAGES, "images", Map.of(), clash),
                        ERROR,
                        "didn't start: " + clash),
                of(id, node -> node.plugin(CRI, "cri", Map.of(), "no CNI"), ERROR, "no CNI", "Mend it"),
                of(id, EvidenceBuilder::noPlugins, WARNING, "without its CRI plugin", "disabled_plugins"),
                of(id, EvidenceBuilder::noContainerd, UNKNOWN, "containerd-socket"));
    }

    static Stream<Case> configPath() {
        String id = "config-path";
        return Stream.of(
                of(id, node -> node, OK, "config_path is /etc/containerd/certs.d"),
                of(id, node -> node.configPath("/etc/containerd/./certs.d/"), OK),
                of(id, node -> node.version("2.1.9").images("", CERTS), OK),
                of(
                        id,
                        node -> node.config(""),
                        ERROR,
                        "isn't set",
                        "no mirrors",
                        "io.containerd.grpc.v1.cri\".registry]"),
                of(
                        id,
                        node -> node.version("2.1.9").config(""),
                        ERROR,
                        "no mirrors",
                        "io.containerd.cri.v1.images\".registry]"),
                of(id, node -> node.version("2.2.0").config(""), WARNING, "the list " + LIST),
                of(id, node -> node.version("2.2.0").config("").registryConfigPath("/x"), ERROR, LIST, "= \"/x\""),
                of(
                        id,
                        node -> node.noContainerd().config(""),
                        ERROR,
                        "isn't set",
                        "or from 2.2 on",
                        "or with containerd 2"),
                of(id, node -> node.configPath(LIST), WARNING, "is a list, " + LIST),
                of(id, node -> node.configPath("/a:/b"), ERROR, "never looks into /etc/containerd/certs.d"),
                of(
                        id,
                        node -> node.configPath("/other"),
                        ERROR,
                        "/other",
                        "never looks",
                        "Name /other with --containerd-registry-config-path"),
                of(id, EvidenceBuilder::noConfig, UNKNOWN, "there is no", "--containerd-config", "config dump"),
                of(id, node -> node.config("= ="), UNKNOWN, "isn't TOML"),
                of(id, node -> node.noContainerd().images("", CERTS), UNKNOWN, "depends on containerd's version"),
                of("config-path", node -> exports(node.noConfig(), "/etc/containerd/certs.d", "false"), OK),
                of("config-path", node -> exports(node, "/other", "false"), ERROR, "/other"));
    }

    private static EvidenceBuilder exports(EvidenceBuilder node, String configPath, String discards) {
        return node.version("2.4.0")
                .plugin(
                        IMAGES,
                        "images",
                        Map.of("RegistryConfigPath", configPath, "DiscardUnpackedLayers", discards),
                        "");
    }

    static Stream<Case> transferService() {
        String id = "transfer-service";
        return Stream.of(
                of(id, node -> node, OK, "pulls by itself"),
                of(id, node -> node.version("2.0.5").configPath(LIST), OK, "pulls by itself"),
                of(id, node -> node.version("2.1.9"), OK, "one directory"),
                of(
                        id,
                        node -> node.version("2.1.9").configPath(LIST),
                        ERROR,
                        LIST,
                        "past the mirror",
                        "use_local_image_pull"),
                of(
                        id,
                        node -> node.version("2.1.9")
                                .images("use_local_image_pull = true", "config_path = '" + LIST + "'"),
                        OK,
                        "because of use_local_image_pull = true"),
                of(
                        id,
                        node -> node.version("2.1.9")
                                .images("discard_unpacked_layers = true", "config_path = '" + LIST + "'"),
                        OK,
                        "discard_unpacked_layers = true"),
                of(
                        id,
                        node -> node.version("2.1.9")
                                .images("max_concurrent_downloads = 3", "config_path = '" + LIST + "'"),
                        ERROR),
                of(id, node -> node.version("2.1.9").config(""), OK, "no mirror is asked"),
                of(id, node -> node.version("2.2.0").config(""), ERROR, "takes " + LIST + " for one directory"),
                of(id, node -> exports(node.noConfig(), "/a", "false"), OK),
                of(id, node -> exports(node.noConfig(), LIST, "false"), UNKNOWN, "there is no"),
                of(id, node -> node.version("2.1.9").noConfig(), UNKNOWN, "there is no"),
                of(id, EvidenceBuilder::noContainerd, UNKNOWN, "depends on its version"));
    }

    static Stream<Case> discardedLayers() {
        String id = "discarded-layers";
        String old = "version = 2\n[plugins.'io.containerd.grpc.v1.cri'.containerd]\ndiscard_unpacked_layers = true";
        return Stream.of(
                of(id, node -> node, OK, "kept"),
                of(id, node -> node.config(old), ERROR, "can't share", "io.containerd.grpc.v1.cri\".containerd]"),
                of(
                        id,
                        node -> node.version("2.1.9").config(old),
                        ERROR,
                        "io.containerd.cri.v1.images\"]",
                        "transfer-service"),
                of(id, node -> node.version("2.1.9").images("discard_unpacked_layers = true", ""), ERROR),
                of(id, node -> exports(node.noConfig(), "/a", "true"), ERROR),
                of(id, node -> exports(node.noConfig(), "/a", "false"), OK),
                of(id, EvidenceBuilder::noConfig, UNKNOWN, "there is no", "--containerd-config"));
    }

    static Stream<Case> configInForce() {
        String id = "config-in-force";
        return Stream.of(
                of(id, node -> node, OK, "started after"),
                of(id, EvidenceBuilder::startedBeforeTheChange, WARNING, "was changed after", "Restart containerd"),
                of(id, EvidenceBuilder::noConfig, UNKNOWN, "there is no"),
                of(id, EvidenceBuilder::noContainerd, UNKNOWN, "containerd-socket"));
    }

    static Stream<Case> hostsToml() {
        String id = "hosts-toml";
        return Stream.of(
                of(id, node -> node, OK, "first to be asked for images of all registries"),
                of(
                        id,
                        node -> node.noRegistries().registry("docker.io", EvidenceBuilder.HERE, ELSEWHERE),
                        OK,
                        "docker.io"),
                of(id, EvidenceBuilder::noHosts, ERROR, "there is no directory", "spegel configuration"),
                of(id, EvidenceBuilder::noRegistries, ERROR, "no registry has mirrors", "spegel configuration"),
                of(
                        id,
                        node -> node.brokenRegistry("docker.io"),
                        ERROR,
                        "docker.io/hosts.toml",
                        "ignores the whole file"),
                of(
                        id,
                        node -> node.registry("_default", ELSEWHERE).answer(ELSEWHERE, 200, "that"),
                        ERROR,
                        "none of the mirrors",
                        ELSEWHERE + " (another agent)"),
                of(id, node -> node.registry("_default", ELSEWHERE).answer(ELSEWHERE, 401, ""), ERROR, "(answers 401)"),
                of(id, node -> node.noAnswer(EvidenceBuilder.HERE), ERROR, "(nothing answers there)"),
                of(id, node -> node.registry("_default"), ERROR, "there are none"),
                of(
                        id,
                        node -> node.registry("ghcr.io"),
                        WARNING,
                        "doesn't ask this node's agent for images of ghcr.io"),
                of(
                        id,
                        node -> node.registry("_default", ELSEWHERE, EvidenceBuilder.HERE)
                                .noAnswer(ELSEWHERE),
                        WARNING,
                        "others are asked before"),
                of(id, EvidenceBuilder::noAgent, UNKNOWN, "can't be told", EvidenceBuilder.HERE + " (another agent)"));
    }

    static Stream<Case> agent() {
        String id = "agent";
        return Stream.of(
                of(id, node -> node, OK, "agent 1.2.3 is ready, 10 min after its start"),
                of(id, EvidenceBuilder::agentNotReady, WARNING, "isn't ready: no other node is known"),
                of(id, EvidenceBuilder::noAgent, ERROR, "nothing answers", "spegel registry", "--agent-addr"));
    }

    static Stream<Case> asked() {
        String id = "asked-by-containerd";
        return Stream.of(
                of(id, node -> node, OK, "12 requests, the last 5 s ago by containerd/1.6?[31m"),
                of(
                        id,
                        EvidenceBuilder::neverAsked,
                        WARNING,
                        "for nothing",
                        "10 min ago",
                        "crictl pull",
                        "transfer-service"),
                of(id, EvidenceBuilder::noAgent, UNKNOWN, "See agent"));
    }

    static Stream<Case> peers() {
        return Stream.of(
                of("peers", node -> node, OK, "3 other nodes are known"),
                of("peers", node -> node.peersKnown(1), OK, "1 other node is known"),
                of("peers", node -> node.peersKnown(0), ERROR, "knows no other node", "--bootstrap-kind"),
                of("peers", EvidenceBuilder::noAgent, UNKNOWN, "See agent"));
    }

    static Stream<Case> advertisedTags() {
        String id = "advertised-tags";
        return Stream.of(
                of(id, node -> node, OK, "all 5 advertised tags"),
                of(id, node -> node.tags(5000, 200), OK, "200 of 5000 advertised tags"),
                of(id, node -> node.tags(0, 0), OK, "no tag is advertised"),
                of(id, node -> node.tags(5, 5, "a:1: blob x"), ERROR, "1 can't be served: a:1: blob x", "Try again"),
                of(id, node -> node.tags(5, 5, "a", "b", "c", "d"), ERROR, "4 can't be served: a; b; c; …"),
                of(id, node -> node.tagsHeldBack(5, "a: no layer"), WARNING, "served; 1 held back: a: no layer"),
                of(
                        id,
                        node -> node.tagsHeldBack(0, "a", "b", "c", "d"),
                        WARNING,
                        "no tag is advertised; 4 held back",
                        "c; …"),
                of(id, EvidenceBuilder::tagsUnknown, UNKNOWN, "no answer within 8 s"),
                of(id, EvidenceBuilder::noAgent, UNKNOWN, "See agent"));
    }

    @ParameterizedTest
    @MethodSource({
        "socket",
        "version",
        "criPlugin",
        "configPath",
        "transferService",
        "discardedLayers",
        "configInForce",
        "hostsToml",
        "agent",
        "asked",
        "peers",
        "advertisedTags"
    })
    void aNodeIsJudged(Case example) {
        Report report = Doctor.judge(
                example.node().apply(new EvidenceBuilder(directory)).build());
        Finding finding = report.findings().stream()
                .filter(each -> each.id().equals(example.id()))
                .findFirst()
                .orElseThrow();
        assertThat(finding.status()).as(finding.toString()).isEqualTo(example.status());
        String text = finding.seen() + " | " + finding.remedy().orElse("");
        assertThat(example.words()).allSatisfy(word -> assertThat(text).contains(word));
    }

    @Test
    void aGoodNodeHasNothingElse() {
        Report report = Doctor.judge(new EvidenceBuilder(directory).build());
        assertThat(report.findings()).extracting(Finding::status).containsOnly(OK);
    }

    @Test
    void eachFindingHasItsOwnId() {
        Report report = Doctor.judge(new EvidenceBuilder(directory).build());
        assertThat(report.findings())
                .extracting(Finding::id)
                .doesNotHaveDuplicates()
                .hasSize(12);
    }

    @Test
    void whatCanNotBeSeenIsNeverWell() {
        Report report = Doctor.judge(new EvidenceBuilder(directory)
                .noContainerd()
                .noConfig()
                .noHosts()
                .noAgent()
                .build());
        assertThat(report.count(OK)).isZero();
    }
}
