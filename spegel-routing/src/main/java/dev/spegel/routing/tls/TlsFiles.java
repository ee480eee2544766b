package dev.spegel.routing.tls;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the PEM files of {@link ReloadedTls} are. Whoever issues certificates replaces them before they expire.
 *
 * @param authorities certificates of those who may have signed the other side's; without it the platform's
 * @param certificate what this node shows, its chain after it; goes with {@code key}
 * @param key unencrypted: PKCS #8, or the older forms of RSA and EC keys
 */
public record TlsFiles(Optional<Path> authorities, Optional<Path> certificate, Optional<Path> key) {
    /** The platform's authorities, and nothing to show. */
    public static final TlsFiles NONE = new TlsFiles(Optional.empty(), Optional.empty(), Optional.empty());

    public TlsFiles {
        requireNonNull(authorities, "authorities");
        if (certificate.isPresent() != key.isPresent()) {
            throw new IllegalArgumentException("a certificate and its key go together, got %s and %s"
                    .formatted(
                            certificate.map(Path::toString).orElse("no certificate"),
                            key.map(Path::toString).orElse("no key")));
        }
    }

    /**
     * Those of {@code ca.crt}, {@code tls.crt} and {@code tls.key} that are in a directory now: as
     * {@code --http-bootstrap-cert-dir} of the Go implementation, and as Kubernetes names them in a secret.
     *
     * @throws IOException if it isn't a directory
     * @throws IllegalArgumentException if there is a certificate without a key or a key without a certificate, or none of the three
     */
    public static TlsFiles in(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new IOException("there is no directory " + directory);
        }
        TlsFiles files = new TlsFiles(
                existing(directory.resolve("ca.crt")),
                existing(directory.resolve("tls.crt")),
                existing(directory.resolve("tls.key")));
        if (files.equals(NONE)) {
            throw new IllegalArgumentException("none of ca.crt, tls.crt and tls.key is in " + directory);
        }
        return files;
    }

    private static Optional<Path> existing(Path file) {
        return Files.exists(file) ? Optional.of(file) : Optional.empty();
    }
}
