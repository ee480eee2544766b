package dev.spegel.containerd.mirror;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A configuration, what was there before it, and what must be there afterwards, the backup left out.
 *
 * @param before relative path to text
 * @param after the same; each {@code hosts.toml} without the comment that it starts with
 */
record HostsTomlCase(String name, MirrorConfiguration mirrors, Map<String, String> before, Map<String, String> after) {
    private static final String TARGET = "http://127.0.0.1:5000";

    static final String OURS = """

            [host."http://127.0.0.1:5000"]
            capabilities = ["pull", "resolve"]
            dial_timeout = "200ms"
            """;

    private static final String CORPORATE = """
            server = "https://registry.corp"
            ca = "corp.crt"

            [host."https://mirror.corp".header]
              x-team = ["a", 'b"c']
            [host."https://mirror.corp"]
              capabilities = ["pull"]
              client = [["client.cert", "keys/client.key"], "both.pem"]
              skip_verify = false
            [host."http://127.0.0.1:5000"]
              capabilities = ["pull"]
            [host.'https://second.corp/v2/proxy']
              override_path = true
              some_key = 3

            [header]
              x-all = "1"
            """;

    private static final String BEHIND_CORPORATE = """

            [host."https://mirror.corp"]
            capabilities = ["pull"]
            client = [["client.cert", "keys/client.key"], "both.pem"]
            skip_verify = false
            [host."https://mirror.corp".header]
            x-team = ["a", "b\\"c"]

            [host."https://second.corp/v2/proxy"]
            override_path = true
            some_key = 3
            [header]
            x-all = "1"
            """;

    private static final String DEFAULT_BEFORE = "[host.'https://proxy.corp']\nca = 'proxy.crt'\n";
    private static final String DEFAULT_BEHIND = "\n[host.\"https://proxy.corp\"]\nca = \"proxy.crt\"\n";

    static MirrorConfiguration mirrors(String... registries) {
        return MirrorConfiguration.of(
                Stream.of(registries).map(MirroredRegistry::parse).toList(), List.of(MirrorTarget.parse(TARGET)));
    }

    private static MirrorConfiguration to(List<String> targets, String registry) {
        return MirrorConfiguration.of(
                List.of(MirroredRegistry.parse(registry)),
                targets.stream().map(MirrorTarget::parse).toList());
    }

    private static MirrorConfiguration prepending(String... registries) {
        return mirrors(registries).withPrependExisting(true);
    }

    /** What lies there in the cases of a node that was configured before. */
    static Map<String, String> corporateNode() {
        return Map.ofEntries(
                Map.entry("_default/hosts.toml", DEFAULT_BEFORE),
                Map.entry("_default/proxy.crt", "P"),
                Map.entry("docker.io/hosts.toml", CORPORATE),
                Map.entry("docker.io/corp.crt", "C"),
                Map.entry("docker.io/client.cert", "D"),
                Map.entry("docker.io/keys/client.key", "K"),
                Map.entry("docker.io/both.pem", "B"),
                Map.entry("certs.only/ca.crt", "A"),
                Map.entry("certs.only/me.cert", "E"),
                Map.entry("certs.only/me.key", "F"),
                Map.entry("foo.bar_5000_/hosts.toml", "server = 'https://foo.bar:5000'\n[host.'https://m']\n"),
                Map.entry("foo.bar:5000/hosts.toml", "server = 'https://never.read'"),
                Map.entry("empty.example", "<directory>"),
                Map.entry("readme.txt", "by hand"),
                Map.entry("shared.link", "-> docker.io"));
    }

    static Stream<HostsTomlCase> all() {
        return Stream.concat(inPlaceOfAll(), besideOthers());
    }

    private static Stream<HostsTomlCase> inPlaceOfAll() {
        return Stream.of(
                new HostsTomlCase(
                        "plain",
                        mirrors("https://ghcr.io"),
                        Map.of(),
                        Map.of("ghcr.io/hosts.toml", "server = \"https://ghcr.io\"\n" + OURS)),
                new HostsTomlCase(
                        "without a scheme it is https",
                        mirrors("ghcr.io"),
                        Map.of(),
                        Map.of("ghcr.io/hosts.toml", "server = \"https://ghcr.io\"\n" + OURS)),
                new HostsTomlCase(
                        "Docker Hub is elsewhere",
                        mirrors("https://docker.io"),
                        Map.of(),
                        Map.of("docker.io/hosts.toml", "server = \"https://registry-1.docker.io\"\n" + OURS)),
                new HostsTomlCase(
                        "a port",
                        mirrors("http://foo.bar:5001"),
                        Map.of(),
                        Map.of("foo.bar:5001/hosts.toml", "server = \"http://foo.bar:5001\"\n" + OURS)),
                new HostsTomlCase(
                        "a registry with an IPv6 address",
                        mirrors("http://[fd00::5]:5001"),
                        Map.of(),
                        Map.of("[fd00::5]:5001/hosts.toml", "server = \"http://[fd00::5]:5001\"\n" + OURS)),
                new HostsTomlCase("all", mirrors("*"), Map.of(), Map.of("_default/hosts.toml", OURS)),
                new HostsTomlCase(
                        "all, and one by name",
                        mirrors("_default", "https://quay.io"),
                        Map.of(),
                        Map.of(
                                "_default/hosts.toml",
                                OURS,
                                "quay.io/hosts.toml",
                                "server = \"https://quay.io\"\n" + OURS)),
                new HostsTomlCase(
                        "several targets, IPv6 with and without brackets",
                        to(List.of("http://10.0.0.1:30020", "http://[fd00::1]:30020", "http://fd00::2:30020"), "*"),
                        Map.of(),
                        Map.of("_default/hosts.toml", """

                                [host."http://10.0.0.1:30020"]
                                capabilities = ["pull", "resolve"]
                                dial_timeout = "200ms"

                                [host."http://[fd00::1]:30020"]
                                capabilities = ["pull", "resolve"]
                                dial_timeout = "200ms"

                                [host."http://fd00::2:30020"]
                                capabilities = ["pull", "resolve"]
                                dial_timeout = "200ms"
                                """)),
                new HostsTomlCase(
                        "tags are the registry's",
                        mirrors("*").withResolveTags(false),
                        Map.of(),
                        Map.of("_default/hosts.toml", OURS.replace(", \"resolve\"", ""))),
                new HostsTomlCase(
                        "another dial timeout",
                        mirrors("*").withDialTimeout(MirrorConfiguration.DEFAULT_DIAL_TIMEOUT.plusNanos(500_000)),
                        Map.of(),
                        Map.of("_default/hosts.toml", OURS.replace("200ms", "200500us"))),
                new HostsTomlCase(
                        "credentials",
                        mirrors("*").withAuthorization("Basic aGVsbG86d29ybGQ="),
                        Map.of(),
                        Map.of(
                                "_default/hosts.toml",
                                OURS
                                        + "[host.\"http://127.0.0.1:5000\".header]\n"
                                        + "Authorization = \"Basic aGVsbG86d29ybGQ=\"\n")),
                new HostsTomlCase(
                        "in place of what is there",
                        mirrors("docker.io", "https://foo.bar:5000"),
                        corporateNode(),
                        Map.of(
                                "docker.io/hosts.toml",
                                "server = \"https://registry-1.docker.io\"\n" + OURS,
                                "foo.bar:5000/hosts.toml",
                                "server = \"https://foo.bar:5000\"\n" + OURS)),
                new HostsTomlCase(
                        "all, in place of what is there",
                        mirrors("*"),
                        corporateNode(),
                        Map.of("_default/hosts.toml", OURS)));
    }

    private static Stream<HostsTomlCase> besideOthers() {
        Map<String, String> certificates = Map.of(
                "docker.io/corp.crt", "C",
                "docker.io/client.cert", "D",
                "docker.io/keys/client.key", "K",
                "docker.io/both.pem", "B");
        String docker = "server = \"https://registry.corp\"\nca = \"corp.crt\"\n" + OURS + BEHIND_CORPORATE;
        Map<String, String> certsOnly = Map.of(
                "certs.only/ca.crt", "A",
                "certs.only/me.cert", "E",
                "certs.only/me.key", "F");
        String certsOnlyToml = "ca = [\"ca.crt\"]\nclient = [[\"me.cert\", \"me.key\"]]\n" + OURS;
        return Stream.of(
                new HostsTomlCase(
                        "nothing to prepend to",
                        prepending("ghcr.io"),
                        Map.of(),
                        Map.of("ghcr.io/hosts.toml", "server = \"https://ghcr.io\"\n" + OURS)),
                new HostsTomlCase(
                        "before the hosts of one registry, the others stay as they are",
                        prepending("docker.io"),
                        corporateNode(),
                        with(corporateNode(), Map.of("docker.io/hosts.toml", docker))),
                new HostsTomlCase(
                        "certificates without a hosts.toml are named in it",
                        prepending("certs.only"),
                        corporateNode(),
                        with(
                                corporateNode(),
                                Map.of("certs.only/hosts.toml", "server = \"https://certs.only\"\n" + certsOnlyToml))),
                new HostsTomlCase(
                        "where only _default applied, before its hosts",
                        prepending("ghcr.io"),
                        corporateNode(),
                        with(
                                corporateNode(),
                                Map.of(
                                        "ghcr.io/hosts.toml",
                                        "server = \"https://ghcr.io\"\n" + OURS + DEFAULT_BEHIND,
                                        "ghcr.io/proxy.crt",
                                        "P"))),
                new HostsTomlCase(
                        "in the directory that containerd prefers",
                        prepending("http://foo.bar:5000"),
                        corporateNode(),
                        with(
                                corporateNode(),
                                Map.of(
                                        "foo.bar_5000_/hosts.toml",
                                        "server = \"https://foo.bar:5000\"\n" + OURS + "\n[host.\"https://m\"]\n"))),
                new HostsTomlCase(
                        "all: before the hosts of each",
                        prepending("*"),
                        corporateNode(),
                        with(
                                with(with(corporateNode(), certificates), certsOnly),
                                Map.of(
                                        "_default/hosts.toml",
                                        OURS + DEFAULT_BEHIND,
                                        "docker.io/hosts.toml",
                                        docker,
                                        "certs.only/hosts.toml",
                                        certsOnlyToml,
                                        "foo.bar_5000_/hosts.toml",
                                        "server = \"https://foo.bar:5000\"\n" + OURS + "\n[host.\"https://m\"]\n",
                                        "foo.bar:5000/hosts.toml",
                                        "server = \"https://never.read\"\n" + OURS))));
    }

    private static Map<String, String> with(Map<String, String> tree, Map<String, String> more) {
        Map<String, String> result = new HashMap<>(tree);
        result.putAll(more);
        return result;
    }

    @Override
    public String toString() {
        return name;
    }
}
