package dev.spegel.agent.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.spegel.agent.cli.Subcommand.FlagGroup;
import dev.spegel.containerd.mirror.Changes;
import dev.spegel.containerd.mirror.MirrorConfiguration;
import dev.spegel.containerd.mirror.MirrorDirectory;
import dev.spegel.containerd.mirror.MirrorTarget;
import dev.spegel.containerd.mirror.MirrorTls;
import dev.spegel.containerd.mirror.MirroredRegistry;
import dev.spegel.oci.Quoted;
import dev.spegel.routing.BasicCredentials;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code spegel configuration}. Flags and defaults are the Go implementation's. */
final class ConfigurationCommand {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigurationCommand.class);

    static final Flag CONFIG_PATH = Flag.one(
                    "--containerd-registry-config-path",
                    "DIR",
                    "Where containerd looks for the hosts of a registry: its config_path, which must be one directory.")
            .withDefault("/etc/containerd/certs.d");

    static final Flag MIRRORED_REGISTRIES = Flag.list(
            "--mirrored-registries",
            "REGISTRY",
            "Mirror these only, as https://docker.io or http://registry.lan:5000. Default: all.");
    static final Flag MIRROR_TARGETS = Flag.list(
            "--mirror-targets", "URL", "The mirrors to ask, the first one first: http://10.0.0.1:30020. Required.");
    static final Flag RESOLVE_TAGS = Flag.bool(
                    "--resolve-tags", "Ask the mirrors what a tag means. With false only the registry says that.")
            .withDefault("true");
    static final Flag PREPEND_EXISTING = Flag.bool(
                    "--prepend-existing", "Keep the mirrors that are configured already, and ask them after these.")
            .withDefault("false");

    private static final Flag TLS_CA = Flag.one(
            "--tls-ca",
            "FILE",
            "The authorities that sign the mirrors' certificates, for targets with https. PEM. Default: the node's own.");
    private static final Flag TLS_CERT =
            Flag.one("--tls-cert", "FILE", "The certificate that containerd shows to mirrors with https. PEM.");
    private static final Flag TLS_KEY = Flag.one("--tls-key", "FILE", "The certificate's key, unencrypted. PEM.");

    /** A chain of certificates has a few KiB, a bundle of all public authorities 250. */
    private static final int MAX_PEM_BYTES = 1024 * 1024;

    private ConfigurationCommand() {}

    static Subcommand of() {
        return new Subcommand(
                "configuration",
                "Have this node's containerd ask mirrors before registries.",
                List.of(
                        "",
                        "Writes a hosts.toml for each registry, or one for all. What was there before is copied to _backup "
                                + "once; 'spegel cleanup' puts it back. containerd needs no restart for it. Doing it again changes "
                                + "nothing that is right already."),
                List.of(
                        new FlagGroup(
                                "Flags",
                                List.of(
                                        MIRROR_TARGETS,
                                        MIRRORED_REGISTRIES,
                                        RESOLVE_TAGS,
                                        PREPEND_EXISTING,
                                        CONFIG_PATH)),
                        new FlagGroup("TLS with the mirrors", List.of(TLS_CA, TLS_CERT, TLS_KEY))),
                List.of(
                        "spegel configuration --mirror-targets http://10.0.0.1:30020",
                        "spegel configuration --mirror-targets http://10.0.0.1:30020 http://10.0.0.9:30020 \\",
                        "    --mirrored-registries https://docker.io https://ghcr.io --prepend-existing",
                        "spegel configuration --mirror-targets https://10.0.0.1:30020 --tls-ca /etc/spegel/tls/ca.crt"),
                ConfigurationCommand::run);
    }

    private static int run(Settings settings, Surroundings surroundings) throws SettingsException, IOException {
        LogSettings logs = LogSettings.read(settings);
        Path directory = settings.value(CONFIG_PATH, ConfigurationCommand::path);
        MirrorConfiguration mirrors = read(settings, surroundings.basicAuthDirectory());
        logs.writeTo(surroundings.err());
        report(directory, MirrorDirectory.at(directory).configure(mirrors));
        return ExitCode.OK;
    }

    private static MirrorConfiguration read(Settings settings, Path basicAuthDirectory) throws SettingsException {
        Optional<BasicCredentials> credentials = BasicAuthSecret.read(settings, basicAuthDirectory);
        MirrorConfiguration mirrors = mirrors(settings);
        return credentials
                .map(BasicCredentials::headerValue)
                .map(mirrors::withAuthorization)
                .orElse(mirrors);
    }

    /**
     * What the flags say, without credentials.
     *
     * @throws SettingsException with all that is wrong, these flags and what was noted before
     */
    static MirrorConfiguration mirrors(Settings settings) throws SettingsException {
        List<MirroredRegistry> registries = settings.list(MIRRORED_REGISTRIES, MirroredRegistry::parse);
        List<MirrorTarget> targets = settings.list(MIRROR_TARGETS, MirrorTarget::parse);
        boolean resolveTags = settings.value(RESOLVE_TAGS, GoSyntax::bool);
        boolean prepend = settings.value(PREPEND_EXISTING, GoSyntax::bool);
        Optional<MirrorTls> tls = tls(settings);
        if (!settings.isSet(MIRROR_TARGETS)) {
            settings.problem(MIRROR_TARGETS, "containerd needs a mirror to ask, as http://10.0.0.1:30020");
        }
        settings.requireNoProblems();
        try {
            MirrorConfiguration mirrors = MirrorConfiguration.of(
                            registries.isEmpty() ? List.of(MirroredRegistry.ALL) : registries, targets)
                    .withResolveTags(resolveTags)
                    .withPrependExisting(prepend);
            return tls.map(mirrors::withTls).orElse(mirrors);
        } catch (IllegalArgumentException e) { // each of them can be used, but not together
            settings.problem("--mirrored-registries, --mirror-targets: " + e.getMessage());
            settings.requireNoProblems();
            throw e;
        }
    }

    /** Empty if there is none, or a problem was noted. */
    private static Optional<MirrorTls> tls(Settings settings) {
        Optional<String> authorities = settings.optional(TLS_CA, ConfigurationCommand::pem);
        Optional<String> certificate = settings.optional(TLS_CERT, ConfigurationCommand::pem);
        Optional<String> key = settings.optional(TLS_KEY, ConfigurationCommand::pem);
        TlsSettings.requirePair(settings, TLS_CERT, TLS_KEY);
        Optional<String> client =
                certificate.flatMap(chain -> key.map(secret -> chain.stripTrailing() + "\n" + secret));
        return authorities.isPresent() || client.isPresent()
                ? Optional.of(new MirrorTls(authorities, client))
                : Optional.empty();
    }

    private static String pem(String text) {
        Path file = path(text);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(MAX_PEM_BYTES + 1);
            String pem = new String(content, ISO_8859_1);
            if (content.length > MAX_PEM_BYTES || !pem.contains("-----BEGIN ")) {
                throw new IllegalArgumentException("this is no PEM file of at most 1 MiB: " + Quoted.of(text));
            }
            return pem;
        } catch (IOException e) {
            throw new IllegalArgumentException("there is no readable file " + Quoted.of(text), e);
        }
    }

    static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("this isn't a path: " + Quoted.of(text), e);
        }
    }

    static void report(Path directory, Changes changes) {
        if (changes.isEmpty()) {
            LOG.info("{} is as it should be", directory);
        }
        changes.backedUp().forEach(name -> LOG.info("Copied {} of {} to the backup", name, directory));
        changes.written().forEach(name -> LOG.info("Wrote {} in {}", name, directory));
        changes.removed().forEach(name -> LOG.info("Removed {} from {}", name, directory));
    }
}
