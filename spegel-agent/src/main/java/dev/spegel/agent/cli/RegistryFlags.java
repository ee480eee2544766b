package dev.spegel.agent.cli;

import dev.spegel.agent.cli.Subcommand.FlagGroup;
import java.util.List;
import java.util.stream.Stream;

/**
 * The flags of {@code spegel registry}. Names and defaults are the Go implementation's, so that an operator can swap images;
 * {@code --store}, {@code --oci-layout-path}, {@code --router}, {@code --static-router-peers}, {@code --mirror-mode}, {@code --tls-…} and
 * {@code --max-upload-…} are ours. Those of the DHT are in
 * {@link DhtFlags}.
 */
final class RegistryFlags {
    static final Flag REGISTRY_ADDR = Flag.one(
                    "--registry-addr", "ADDR", "Serve the registry here: host:port, or :port for all interfaces.")
            .withDefault(":5000");
    static final Flag METRICS_ADDR = Flag.one(
                    "--metrics-addr", "ADDR", "Serve /metrics here, and /debug/api for spegel lookup and spegel peers.")
            .withDefault(":9090");
    static final Flag DEBUG_WEB_ENABLED = Flag.bool(
                    "--debug-web-enabled", "Serve a page for browsers at /debug/web/ beside /metrics.")
            .withDefault("true");

    static final Flag STORE = Flag.one("--store", "KIND", "Where this node's images are: containerd or oci-layout.")
            .withDefault("containerd");
    static final Flag OCI_LAYOUT_PATH =
            Flag.one("--oci-layout-path", "DIR", "The OCI image layout directory to serve, with --store oci-layout.");
    static final Flag CONTAINERD_SOCK = Flag.one("--containerd-sock", "PATH", "The socket of containerd.")
            .withDefault("/run/containerd/containerd.sock");
    static final Flag CONTAINERD_NAMESPACE = Flag.one(
                    "--containerd-namespace", "NAME", "The containerd namespace whose images to serve.")
            .withDefault("k8s.io");
    static final Flag CONTAINERD_CONTENT_PATH = Flag.one(
            "--containerd-content-path",
            "DIR",
            "Where containerd keeps content, as seen from here; it is only read. Default: where containerd says,"
                    + " usually /var/lib/containerd/io.containerd.content.v1.content.");

    static final Flag ROUTER = Flag.one(
                    "--router",
                    "KIND",
                    "How nodes find each other's content: dht, or static, a fixed list that is asked over HTTP.")
            .withDefault("dht");
    static final Flag STATIC_ROUTER_PEERS = Flag.list(
            "--static-router-peers",
            "ADDR",
            "The registries of all nodes, host:port, with --router static. This node may be among them.");
    static final Flag MIRRORED_REGISTRIES = Flag.list(
            "--mirrored-registries", "REGISTRY", "Mirror these only, as docker.io or https://ghcr.io. Default: all.");
    static final Flag REGISTRY_FILTERS = Flag.list(
            "--registry-filters",
            "REGEX",
            "Refuse images whose registry/repository:tag matches, as in :latest$ or ^quay. Repeat the flag for several.");
    static final Flag MIRROR_RESOLVE_TIMEOUT = Flag.one(
            "--mirror-resolve-timeout",
            "DURATION",
            "How long to wait for peers that may have the content, as long as none has been found."
                    + " Default: 20ms; with --router static, which asks over HTTP, 500ms.");
    static final Flag MIRROR_RESOLVE_RETRIES = Flag.one(
                    "--mirror-resolve-retries", "COUNT", "How many peers to look for.")
            .withDefault("3");
    static final Flag MIRROR_MODE = Flag.one(
                    "--mirror-mode",
                    "MODE",
                    "How blobs of other nodes get to containerd: relay, through this agent, which verifies and resumes"
                            + " them; or redirect, straight from the other node, which then isn't verified here.")
            .withDefault("relay");
    static final Flag MAX_UPLOAD_STREAMS = Flag.one(
                    "--max-upload-streams",
                    "COUNT",
                    "How many blobs to send to other nodes at a time. Those that ask for more are sent to another node.")
            .withDefault("48");
    static final Flag MAX_UPLOAD_RATE = Flag.one(
            "--max-upload-rate",
            "SIZE",
            "How much to send to other nodes in a second, over all, as in 100MiB. This node's containerd isn't bound"
                    + " by it. Default: no limit.");

    static final Flag TLS_CERT = Flag.one(
            "--tls-cert",
            "FILE",
            "Serve the registry over TLS, and ask other nodes over TLS, with this certificate, its chain behind it. PEM,"
                    + " read again when it changes, as the other two. Default: plain HTTP.");
    static final Flag TLS_KEY = Flag.one("--tls-key", "FILE", "The certificate's key, unencrypted. PEM.");
    static final Flag TLS_CA = Flag.one(
            "--tls-ca",
            "FILE",
            "The authorities that sign the certificates of other nodes and of clients. PEM. Default: the Java platform's.");
    static final Flag TLS_CLIENT_AUTH = Flag.one(
                    "--tls-client-auth",
                    "MODE",
                    "none, or require: only who shows a certificate of --tls-ca gets content. Health checks need none.")
            .withDefault("none");
    static final Flag TLS_PEER_NAME = Flag.one(
            "--tls-peer-name",
            "NAME",
            "The DNS name for which the certificates of all other nodes are, where they share one. Default: each has"
                    + " one for its node's address.");

    /** They mean something only with a certificate. */
    static final List<Flag> WITH_TLS_ONLY = List.of(TLS_KEY, TLS_CA, TLS_CLIENT_AUTH, TLS_PEER_NAME);

    static final Flag MIRROR_TARGETS = Flag.list(
            ConfigurationCommand.MIRROR_TARGETS.name(),
            "URL",
            "Do what 'spegel configuration' does with these mirrors, at the start and again after credentials were"
                    + " replaced. Default: leave containerd's configuration alone.");

    /** They mean something only with {@code --mirror-targets}. */
    static final List<Flag> WITH_MIRROR_TARGETS = List.of(
            ConfigurationCommand.RESOLVE_TAGS, ConfigurationCommand.PREPEND_EXISTING, ConfigurationCommand.CONFIG_PATH);

    /** They mean something only with {@code --store containerd}. */
    static final List<Flag> CONTAINERD_ONLY = List.of(CONTAINERD_SOCK, CONTAINERD_NAMESPACE, CONTAINERD_CONTENT_PATH);

    static final List<FlagGroup> GROUPS = List.of(
            new FlagGroup("Addresses", List.of(REGISTRY_ADDR, METRICS_ADDR, DEBUG_WEB_ENABLED)),
            new FlagGroup("TLS", List.of(TLS_CERT, TLS_KEY, TLS_CA, TLS_CLIENT_AUTH, TLS_PEER_NAME)),
            new FlagGroup("Images of this node", List.of(STORE)),
            new FlagGroup("containerd, with --store containerd", CONTAINERD_ONLY),
            new FlagGroup("An OCI image layout, with --store oci-layout", List.of(OCI_LAYOUT_PATH)),
            new FlagGroup("Other nodes", List.of(ROUTER, STATIC_ROUTER_PEERS)),
            new FlagGroup("The DHT, with --router dht", DhtFlags.ALL),
            new FlagGroup(
                    "Mirroring",
                    List.of(
                            MIRRORED_REGISTRIES,
                            REGISTRY_FILTERS,
                            MIRROR_RESOLVE_TIMEOUT,
                            MIRROR_RESOLVE_RETRIES,
                            MIRROR_MODE)),
            new FlagGroup(
                    "containerd's mirrors",
                    Stream.concat(Stream.of(MIRROR_TARGETS), WITH_MIRROR_TARGETS.stream())
                            .toList()),
            new FlagGroup("What other nodes may use", List.of(MAX_UPLOAD_STREAMS, MAX_UPLOAD_RATE)));

    private RegistryFlags() {}
}
