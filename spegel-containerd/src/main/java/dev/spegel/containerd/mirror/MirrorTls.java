package dev.spegel.containerd.mirror;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Quoted;
import java.util.Optional;

/**
 * What containerd needs to speak TLS with mirrors. It reads files at each pull, so these are written beside the registries' directories,
 * each in one step.
 *
 * @param authorities certificates in PEM of those who may have signed the mirrors'; without them the node's own
 * @param client a certificate and its key in PEM, one behind the other, for mirrors that want one
 */
public record MirrorTls(Optional<String> authorities, Optional<String> client) {
    public MirrorTls {
        authorities.ifPresent(pem -> requirePem(pem, "authorities", "CERTIFICATE"));
        client.ifPresent(pem -> requirePem(pem, "client", "CERTIFICATE"));
        client.ifPresent(pem -> requirePem(pem, "client", "PRIVATE KEY"));
    }

    private static void requirePem(String text, String name, String kind) {
        if (!requireNonNull(text, name).contains(kind + "-----")) {
            throw new IllegalArgumentException("%s must hold a %s in PEM".formatted(name, Quoted.of(kind)));
        }
    }

    /** Nothing of the key. */
    @Override
    public String toString() {
        return "MirrorTls[authorities=%s, client=%s]"
                .formatted(authorities.isPresent() ? "set" : "none", client.isPresent() ? "set" : "none");
    }
}
