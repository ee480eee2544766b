package dev.spegel.agent.cli;

import static java.util.Objects.requireNonNullElse;

import dev.spegel.agent.BootstrapConfig;
import dev.spegel.oci.Quoted;
import dev.spegel.routing.bootstrap.StaticBootstrap;
import dev.spegel.routing.tls.TlsFiles;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Turns the bootstrap flags, of whichever command has them, into a {@link BootstrapConfig}. */
final class BootstrapSettings {
    private BootstrapSettings() {}

    /** Empty if a problem was noted. */
    static Optional<BootstrapConfig> read(Settings settings) {
        // All are read, whatever the kind, so that every malformed one is reported.
        Optional<BootstrapConfig> dns = settings.optional(DhtFlags.DNS_BOOTSTRAP_DOMAIN, BootstrapConfig.Dns::new);
        Optional<URI> url = settings.optional(DhtFlags.HTTP_BOOTSTRAP_URL, BootstrapSettings::url);
        Optional<TlsFiles> tls = settings.optional(DhtFlags.HTTP_BOOTSTRAP_CERT_DIR, BootstrapSettings::tlsFiles);
        Optional<InetSocketAddress> identity = settings.optional(DhtFlags.HTTP_BOOTSTRAP_ADDR, GoSyntax::listenAddress);
        List<String> peers = settings.list(DhtFlags.STATIC_BOOTSTRAP_PEERS, BootstrapSettings::staticPeer);
        Optional<String> kind = settings.optional(DhtFlags.BOOTSTRAP_KIND, BootstrapSettings::kind);
        if (kind.isEmpty()) {
            if (!settings.isSet(DhtFlags.BOOTSTRAP_KIND)) {
                settings.problem(
                        DhtFlags.BOOTSTRAP_KIND,
                        "the DHT needs to know how to meet its first nodes: dns, http or static");
            }
            return Optional.empty();
        }
        return switch (kind.get()) {
            case "dns" -> {
                refuse(settings, DhtFlags.HTTP, "http");
                refuse(settings, DhtFlags.STATIC, "static");
                need(settings, DhtFlags.DNS_BOOTSTRAP_DOMAIN, "--bootstrap-kind dns needs a name to resolve");
                yield dns;
            }
            case "http" -> {
                refuse(settings, DhtFlags.DNS, "dns");
                refuse(settings, DhtFlags.STATIC, "static");
                need(settings, DhtFlags.HTTP_BOOTSTRAP_URL, "--bootstrap-kind http needs a URL to fetch");
                yield url.map(there -> new BootstrapConfig.Http(there, tls.orElse(TlsFiles.NONE), identity));
            }
            case "static" -> {
                refuse(settings, DhtFlags.DNS, "dns");
                refuse(settings, DhtFlags.HTTP, "http");
                need(settings, DhtFlags.STATIC_BOOTSTRAP_PEERS, "--bootstrap-kind static needs the first nodes");
                yield staticPeers(settings, peers);
            }
            default -> throw new AssertionError("kind() lets nothing else through");
        };
    }

    private static void refuse(Settings settings, List<Flag> flags, String kind) {
        flags.stream()
                .filter(settings::isSet)
                .forEach(flag -> settings.problem(flag, "it only concerns --bootstrap-kind " + kind));
    }

    private static void need(Settings settings, Flag flag, String sentence) {
        if (!settings.isSet(flag)) {
            settings.problem(flag, sentence);
        }
    }

    private static Optional<BootstrapConfig> staticPeers(Settings settings, List<String> peers) {
        if (peers.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new BootstrapConfig.StaticPeers(peers));
        } catch (IllegalArgumentException e) {
            settings.problem(DhtFlags.STATIC_BOOTSTRAP_PEERS, requireNonNullElse(e.getMessage(), e.toString()));
            return Optional.empty();
        }
    }

    private static String kind(String text) {
        return switch (text) {
            case "dns", "http", "static" -> text;
            default -> throw new IllegalArgumentException("dns, http or static is expected, got " + Quoted.of(text));
        };
    }

    /** The value isn't shown: a URL may have a password. */
    private static URI url(String text) {
        try {
            URI url = new URI(text);
            new BootstrapConfig.Http(url, TlsFiles.NONE, Optional.empty());
            return url;
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "this isn't a URL: %s at index %d".formatted(e.getReason(), e.getIndex()), e);
        }
    }

    private static TlsFiles tlsFiles(String text) {
        try {
            return TlsFiles.in(Path.of(text));
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("this isn't a path: " + Quoted.of(text), e);
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static String staticPeer(String text) {
        StaticBootstrap.parse(List.of(text));
        return text;
    }
}
