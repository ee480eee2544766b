package dev.spegel.agent.cli;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.pull.CertificateWantedException;
import dev.spegel.agent.pull.MirrorTls;
import dev.spegel.agent.pull.PullException;
import dev.spegel.routing.tls.ReloadedTls;
import dev.spegel.routing.tls.TlsFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/**
 * What a command asks the running agent's registry with where that speaks TLS.
 *
 * @param files who is believed, and what is shown
 * @param peerName the DNS name for which the registry's certificate is, if it isn't for its address
 */
record RegistryTls(TlsFiles files, Optional<String> peerName) {
    static final Flag TLS_CA = Flag.one(
            RegistryFlags.TLS_CA.name(),
            "FILE",
            "The authorities that sign the certificate of an agent's registry that speaks TLS. PEM. Default: the Java"
                    + " platform's.");
    static final Flag TLS_CERT = Flag.one(
            RegistryFlags.TLS_CERT.name(),
            "FILE",
            "A certificate to show to a registry that wants one (--tls-client-auth), its chain behind it. PEM.");
    static final Flag TLS_KEY =
            Flag.one(RegistryFlags.TLS_KEY.name(), "FILE", "The certificate's key, unencrypted. PEM.");
    static final Flag TLS_PEER_NAME = Flag.one(
            RegistryFlags.TLS_PEER_NAME.name(),
            "NAME",
            "The DNS name for which the registry's certificate is. Default: it is for the address that is asked.");

    static final Subcommand.FlagGroup FLAGS =
            new Subcommand.FlagGroup("TLS with the registry", List.of(TLS_CA, TLS_CERT, TLS_KEY, TLS_PEER_NAME));

    RegistryTls {
        requireNonNull(files, "files");
        requireNonNull(peerName, "peerName");
    }

    /** Notes problems; then what is returned is of no use. */
    static RegistryTls read(Settings settings) {
        Optional<Path> authorities = settings.optional(TLS_CA, TlsSettings::file);
        Optional<Path> certificate = settings.optional(TLS_CERT, TlsSettings::file);
        Optional<Path> key = settings.optional(TLS_KEY, TlsSettings::file);
        Optional<String> peerName = settings.optional(TLS_PEER_NAME, TlsSettings::dnsName);
        TlsSettings.requirePair(settings, TLS_CERT, TLS_KEY);
        if (certificate.isPresent() != key.isPresent()) {
            return new RegistryTls(TlsFiles.NONE, peerName); // noted
        }
        RegistryTls tls = new RegistryTls(new TlsFiles(authorities, certificate, key), peerName);
        if (tls.isGiven()) {
            try {
                tls.context();
            } catch (IOException e) {
                settings.problem("--tls-ca, --tls-cert, --tls-key: can't be used: " + e.getMessage());
            }
        }
        return tls;
    }

    /** Whether the registry is expected to speak TLS. */
    boolean isGiven() {
        return !files.equals(TlsFiles.NONE) || peerName.isPresent();
    }

    SSLContext context() throws IOException {
        return (peerName.isPresent() ? ReloadedTls.of(files, peerName.get()) : ReloadedTls.of(files)).get();
    }

    /**
     * What to ask this registry with; empty for plain HTTP.
     *
     * @throws IOException if it has no TLS though it should: nothing is said to it in plain then, and no credentials are shown
     */
    Optional<MirrorTls> with(AskedRegistry registry) throws IOException {
        if (!registry.tls()) {
            if (isGiven()) {
                throw new IOException(
                        "the registry at %s speaks plain HTTP: leave out the flags --tls-…, or start its agent with --tls-cert and --tls-key"
                                .formatted(registry));
            }
            return Optional.empty();
        }
        SSLContext context = context();
        return Optional.of(MirrorTls.of(context, context));
    }

    /** Says what to do about a failure that TLS is the reason of; others stay as they are. */
    static IOException explained(PullException failure, AskedRegistry registry) {
        if (failure instanceof CertificateWantedException) {
            return new IOException(
                    "the registry at %s wants a client certificate that an authority of its --tls-ca has signed: name one with --tls-cert and --tls-key"
                            .formatted(registry),
                    failure.getCause());
        }
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException tls) {
                return new IOException(
                        "no TLS connection to the registry at %s (%s): name the authorities that sign its certificate with --tls-ca, and the name in it with --tls-peer-name unless it is for that address"
                                .formatted(registry, tls.getMessage()),
                        tls);
            }
        }
        return failure;
    }
}
