package dev.spegel.agent.cli;

import static dev.spegel.agent.cli.RegistryFlags.*;

import dev.spegel.agent.TlsConfig;
import dev.spegel.oci.Quoted;
import dev.spegel.routing.tls.ReloadedTls;
import dev.spegel.routing.tls.TlsFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Turns the settings {@code --tls-…} into a {@link TlsConfig}. */
final class TlsSettings {
    private TlsSettings() {}

    /** Empty if there is no TLS, or a problem was noted. */
    static Optional<TlsConfig> read(Settings settings) {
        if (!settings.isSet(TLS_CERT)) {
            WITH_TLS_ONLY.stream()
                    .filter(settings::isSet)
                    .forEach(flag -> settings.problem(flag, "it only concerns TLS, which --tls-cert turns on"));
            return Optional.empty();
        }
        Optional<Path> certificate = settings.optional(TLS_CERT, TlsSettings::file);
        Optional<Path> key = settings.optional(TLS_KEY, TlsSettings::file);
        Optional<Path> authorities = settings.optional(TLS_CA, TlsSettings::file);
        boolean required = settings.value(TLS_CLIENT_AUTH, TlsSettings::clientAuth);
        Optional<String> peerName = settings.optional(TLS_PEER_NAME, TlsSettings::dnsName);
        if (!settings.isSet(TLS_KEY)) {
            settings.problem(TLS_KEY, "--tls-cert needs the certificate's key");
        }
        if (required && !settings.isSet(TLS_CA)) {
            settings.problem(TLS_CA, "--tls-client-auth require needs the authorities that sign clients' certificates");
        }
        if (certificate.isEmpty() || key.isEmpty() || (settings.isSet(TLS_CA) && authorities.isEmpty())) {
            return Optional.empty(); // noted
        }
        if (required && authorities.isEmpty()) {
            return Optional.empty(); // noted
        }
        TlsFiles files = new TlsFiles(authorities, certificate, key);
        try {
            ReloadedTls.of(files);
        } catch (NoSuchFileException e) {
            settings.problem(TLS_CERT, "there is no file " + e.getMessage());
        } catch (IOException e) {
            settings.problem(TLS_CERT, "%s can't be used: %s".formatted(certificate.get(), e.getMessage()));
        }
        return Optional.of(new TlsConfig(files, peerName, required));
    }

    /** Notes a problem where one is set without the other. */
    static void requirePair(Settings settings, Flag certificate, Flag key) {
        if (settings.isSet(certificate) != settings.isSet(key)) {
            settings.problem(
                    settings.isSet(certificate) ? key : certificate,
                    "a certificate and its key go together, one is missing");
        }
    }

    static Path file(String text) {
        try {
            Path path = Path.of(text);
            if (Files.isRegularFile(path) && Files.isReadable(path)) {
                return path;
            }
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("this isn't a path: " + Quoted.of(text), e);
        }
        throw new IllegalArgumentException("there is no readable file " + Quoted.of(text));
    }

    private static boolean clientAuth(String text) {
        return switch (text) {
            case "none" -> false;
            case "require" -> true;
            default -> throw new IllegalArgumentException("none or require is expected, got " + Quoted.of(text));
        };
    }

    static String dnsName(String text) {
        if (text.matches("[A-Za-z0-9]([-A-Za-z0-9.]{0,252}[A-Za-z0-9])?")) {
            return text;
        }
        throw new IllegalArgumentException("a DNS name without wildcards is expected, got " + Quoted.of(text));
    }
}
