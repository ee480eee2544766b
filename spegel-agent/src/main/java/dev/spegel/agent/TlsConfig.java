package dev.spegel.agent;

import static java.util.Objects.requireNonNull;

import dev.spegel.routing.tls.ReloadedTls;
import dev.spegel.routing.tls.TlsFiles;
import java.io.IOException;
import java.util.Optional;

/**
 * TLS between nodes, and towards containerd. All nodes of a cluster have it, or none.
 *
 * @param files the certificate to show, to clients and to peers, and who is believed
 * @param peerName the DNS name for which all peers' certificates are; empty if each is for its node's address
 * @param clientCertificateRequired whether peers and containerd must show a certificate; needs authorities
 */
public record TlsConfig(TlsFiles files, Optional<String> peerName, boolean clientCertificateRequired) {
    public TlsConfig {
        requireNonNull(peerName, "peerName");
        if (files.certificate().isEmpty()) {
            throw new IllegalArgumentException("serving over TLS takes a certificate and its key");
        }
        if (clientCertificateRequired && files.authorities().isEmpty()) {
            throw new IllegalArgumentException("to require client certificates takes the authorities that sign them");
        }
    }

    ReloadedTls load() throws IOException {
        return peerName.isPresent() ? ReloadedTls.of(files, peerName.get()) : ReloadedTls.of(files);
    }
}
