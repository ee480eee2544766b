package dev.spegel.agent.cli;

import static dev.spegel.agent.cli.RegistryFlags.*;

import dev.spegel.agent.AgentConfig;
import dev.spegel.agent.BasicAuthFiles;
import dev.spegel.agent.RouterConfig;
import dev.spegel.agent.StoreConfig;
import dev.spegel.agent.TlsConfig;
import dev.spegel.agent.Upkeep;
import dev.spegel.containerd.ContainerdConfig;
import dev.spegel.libp2p.pnet.PreSharedKey;
import dev.spegel.oci.Quoted;
import dev.spegel.oci.RegistryFilter;
import dev.spegel.registry.MirrorConfig;
import dev.spegel.registry.MirrorMode;
import dev.spegel.registry.RegistryConfig;
import dev.spegel.registry.TransferConfig;
import dev.spegel.registry.UploadConfig;
import dev.spegel.routing.PeerAddress;
import dev.spegel.routing.RotatingCredentials;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Turns the settings of {@code spegel registry} into an {@link AgentConfig}. All rules that they must keep are here. */
final class RegistrySettings {
    private final Settings settings;

    /**
     * A static router asks its peers over HTTP, some of them on new connections: 20 ms, which is plenty for a DHT, would miss what a busy
     * peer has. Where all peers answer, a miss is known as soon as they have; only one that is gone makes it take this long.
     */
    private static final Duration STATIC_LOOKUP_LIMIT = Duration.ofMillis(500);

    /** A body being sent holds a transfer buffer. */
    private static final int MAX_UPLOAD_STREAMS_COUNT = TransferConfig.DEFAULTS.maxStreams();

    private RegistrySettings(Settings settings) {
        this.settings = settings;
    }

    /**
     * Reads all of them.
     *
     * @param basicAuthDirectory may have the files {@code username} and {@code password}
     * @throws SettingsException with all that is wrong
     */
    static AgentConfig read(Settings settings, Path basicAuthDirectory) throws SettingsException {
        return new RegistrySettings(settings).config(basicAuthDirectory);
    }

    private AgentConfig config(Path basicAuthDirectory) throws SettingsException {
        InetSocketAddress registryAddress = settings.value(REGISTRY_ADDR, GoSyntax::listenAddress);
        InetSocketAddress metricsAddress = settings.value(METRICS_ADDR, GoSyntax::listenAddress);
        boolean debugWeb = settings.value(DEBUG_WEB_ENABLED, GoSyntax::bool);
        Optional<StoreConfig> store = store();
        Optional<RouterConfig> router = router();
        RegistryFilter filter = filter();
        MirrorConfig mirror = MirrorConfig.DEFAULTS
                .withLookupLimit(settings.optional(MIRROR_RESOLVE_TIMEOUT, GoSyntax::positiveDuration)
                        .orElse(lookupLimitOf(router)))
                .withMaxPeers(settings.value(MIRROR_RESOLVE_RETRIES, GoSyntax::positiveInt));
        Optional<UploadConfig> upload = upload();
        Optional<RotatingCredentials> credentials = BasicAuthSecret.read(settings, basicAuthDirectory)
                .map(first -> new RotatingCredentials(first, Upkeep.GRACE, System::nanoTime));
        Optional<TlsConfig> tls = TlsSettings.read(settings);
        MirrorMode mode = mode(credentials.isPresent(), basicAuthDirectory);
        Optional<Upkeep.Mirrors> mirrors = mirrors();
        settings.requireNoProblems();
        RegistryConfig registry = RegistryConfig.DEFAULTS
                .withFilter(filter)
                .withMode(mode)
                .withMirror(mirror)
                .withUpload(upload.orElseThrow());
        return new AgentConfig(
                registryAddress,
                metricsAddress,
                store.orElseThrow(),
                router.orElseThrow(),
                credentials.map(registry::withCredentials).orElse(registry),
                tls,
                AgentConfig.DEFAULT_SHUTDOWN_GRACE,
                debugWeb,
                upkeep(credentials, basicAuthDirectory, mirrors));
    }

    /** Read last, as it reports what was noted before with what is wrong with it. */
    private Optional<Upkeep.Mirrors> mirrors() throws SettingsException {
        if (!settings.isSet(MIRROR_TARGETS)) {
            refuse(WITH_MIRROR_TARGETS, "it only concerns --mirror-targets");
            return Optional.empty();
        }
        Path directory = settings.value(ConfigurationCommand.CONFIG_PATH, ConfigurationCommand::path);
        return Optional.of(new Upkeep.Mirrors(directory, ConfigurationCommand.mirrors(settings)));
    }

    private static Upkeep upkeep(
            Optional<RotatingCredentials> credentials, Path basicAuthDirectory, Optional<Upkeep.Mirrors> mirrors) {
        return new Upkeep(
                credentials.map(rotating -> new Upkeep.BasicAuth(new BasicAuthFiles(basicAuthDirectory), rotating)),
                mirrors,
                Upkeep.DEFAULT_INTERVAL);
    }

    private static Duration lookupLimitOf(Optional<RouterConfig> router) {
        boolean overHttp =
                router.filter(RouterConfig.StaticPeers.class::isInstance).isPresent();
        return overHttp ? STATIC_LOOKUP_LIMIT : MirrorConfig.DEFAULTS.lookupLimit();
    }

    private MirrorMode mode(boolean withCredentials, Path basicAuthDirectory) {
        boolean redirect = settings.value(MIRROR_MODE, text -> oneOf(text, "relay", "redirect"))
                .equals("redirect");
        if (redirect && withCredentials) {
            settings.problem(
                    MIRROR_MODE,
                    "redirect can't be used with the credentials in %s: containerd shows them to this agent and to no other"
                            .formatted(basicAuthDirectory));
        }
        return redirect ? MirrorMode.REDIRECT : MirrorMode.RELAY;
    }

    /** Empty if a problem was noted. */
    private Optional<UploadConfig> upload() {
        int streams = settings.value(MAX_UPLOAD_STREAMS, RegistrySettings::uploadStreams);
        long rate = settings.optional(MAX_UPLOAD_RATE, GoSyntax::positiveSizeBytes)
                .orElse(UploadConfig.DEFAULTS.bytesPerSecond());
        long least = streams * UploadConfig.MIN_STREAM_BYTES_PER_SECOND;
        if (rate < least) {
            settings.problem(
                    MAX_UPLOAD_RATE,
                    "%d streams need at least %dKiB a second, or other nodes take them for stalled; see --max-upload-streams"
                            .formatted(streams, least / 1024));
            return Optional.empty();
        }
        return Optional.of(new UploadConfig(
                streams, rate, UploadConfig.DEFAULTS.queueLimit(), UploadConfig.DEFAULTS.retryAfter()));
    }

    /** More than the registry answers at a time can't be. */
    private static int uploadStreams(String text) {
        int streams = GoSyntax.positiveInt(text);
        if (streams > MAX_UPLOAD_STREAMS_COUNT) {
            throw new IllegalArgumentException("at most %d streams can be sent at a time, got %s"
                    .formatted(MAX_UPLOAD_STREAMS_COUNT, Quoted.of(text)));
        }
        return streams;
    }

    /** Empty if a problem was noted. */
    private Optional<StoreConfig> store() {
        Optional<String> kind = settings.isSet(STORE)
                ? settings.optional(STORE, text -> oneOf(text, "containerd", "oci-layout"))
                : STORE.fallback();
        if (kind.isEmpty()) {
            return Optional.empty(); // what it would need can't be told
        }
        return switch (kind.get()) {
            case "containerd" -> {
                refuse(List.of(OCI_LAYOUT_PATH), "it only concerns --store oci-layout");
                yield Optional.of(new StoreConfig.Containerd(containerd()));
            }
            case "oci-layout" -> {
                refuse(CONTAINERD_ONLY, "it only concerns --store containerd");
                if (!settings.isSet(OCI_LAYOUT_PATH)) {
                    settings.problem(OCI_LAYOUT_PATH, "--store oci-layout needs the directory of an OCI image layout");
                }
                yield settings.optional(OCI_LAYOUT_PATH, RegistrySettings::directory)
                        .map(StoreConfig.OciLayout::new);
            }
            default -> throw new AssertionError("oneOf lets nothing else through");
        };
    }

    /** Neither the socket nor the directory need be there yet: the agent may start before containerd. */
    private ContainerdConfig containerd() {
        ContainerdConfig containerd = ContainerdConfig.DEFAULTS
                .withSocket(settings.value(CONTAINERD_SOCK, RegistrySettings::absolutePath))
                .withNamespace(settings.value(CONTAINERD_NAMESPACE, RegistrySettings::containerdNamespace));
        return settings.optional(CONTAINERD_CONTENT_PATH, RegistrySettings::absolutePath)
                .map(containerd::withContentDirectory)
                .orElse(containerd);
    }

    private static String containerdNamespace(String text) {
        return ContainerdConfig.DEFAULTS.withNamespace(text).namespace();
    }

    private static Path absolutePath(String text) {
        try {
            Path path = Path.of(text);
            if (path.isAbsolute()) {
                return path;
            }
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("this isn't a path: " + Quoted.of(text), e);
        }
        throw new IllegalArgumentException("an absolute path is expected, got " + Quoted.of(text));
    }

    /** Empty if a problem was noted. */
    private Optional<RouterConfig> router() {
        List<PeerAddress> peers = settings.list(STATIC_ROUTER_PEERS, PeerAddress::parse);
        Optional<String> kind = settings.isSet(ROUTER)
                ? settings.optional(ROUTER, text -> oneOf(text, "dht", "static"))
                : ROUTER.fallback();
        if (kind.isEmpty()) {
            return Optional.empty(); // what it would need can't be told
        }
        return switch (kind.get()) {
            case "dht" -> {
                refuse(List.of(STATIC_ROUTER_PEERS), "it only concerns --router static");
                yield dht();
            }
            case "static" -> {
                refuse(DhtFlags.ALL, "it only concerns --router dht");
                if (!settings.isSet(STATIC_ROUTER_PEERS)) {
                    settings.problem(STATIC_ROUTER_PEERS, "--router static needs the registries of the nodes");
                }
                yield peers.isEmpty() ? Optional.empty() : Optional.of(new RouterConfig.StaticPeers(peers));
            }
            default -> throw new AssertionError("oneOf lets nothing else through");
        };
    }

    private Optional<RouterConfig> dht() {
        InetSocketAddress address = settings.value(DhtFlags.ROUTER_ADDR, GoSyntax::listenAddress);
        Optional<Path> dataDirectory = settings.optional(DhtFlags.DATA_DIR, RegistrySettings::directoryToBe);
        Optional<PreSharedKey> preSharedKey = settings.optional(DhtFlags.PSK_FILE, DhtFlags::preSharedKey);
        return BootstrapSettings.read(settings)
                .map(bootstrap -> new RouterConfig.Dht(address, dataDirectory, preSharedKey, bootstrap));
    }

    private void refuse(List<Flag> flags, String sentence) {
        flags.stream().filter(settings::isSet).forEach(flag -> settings.problem(flag, sentence));
    }

    private RegistryFilter filter() {
        List<String> mirrored = settings.list(MIRRORED_REGISTRIES, text -> {
            RegistryFilter.of(
                    List.of(text), List.of()); // each by itself, so that a message names the one that is wrong
            return text;
        });
        List<Pattern> refused = settings.listOfWholeArguments(REGISTRY_FILTERS, RegistrySettings::pattern);
        return RegistryFilter.of(mirrored, refused);
    }

    private static String oneOf(String text, String first, String second) {
        if (text.equals(first) || text.equals(second)) {
            return text;
        }
        throw new IllegalArgumentException("%s or %s is expected, got %s".formatted(first, second, Quoted.of(text)));
    }

    private static Path directory(String text) {
        try {
            Path path = Path.of(text);
            if (Files.isDirectory(path)) {
                return path;
            }
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("this isn't a path: " + Quoted.of(text), e);
        }
        throw new IllegalArgumentException("there is no directory " + Quoted.of(text));
    }

    /** A directory that is there or can be made. */
    private static Path directoryToBe(String text) {
        try {
            Path path = Path.of(text);
            if (Files.isDirectory(path) || !Files.exists(path)) {
                return path;
            }
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("this isn't a path: " + Quoted.of(text), e);
        }
        throw new IllegalArgumentException("this is no directory: " + Quoted.of(text));
    }

    private static Pattern pattern(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "a filter is a regular expression, got %s: %s".formatted(Quoted.of(text), e.getDescription()), e);
        }
    }
}
