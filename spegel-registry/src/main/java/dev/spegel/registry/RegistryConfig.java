package dev.spegel.registry;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.RegistryFilter;
import dev.spegel.routing.Credentials;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * How a {@link RegistryHandler} serves.
 *
 * @param filter what it has to do with; the rest is answered 404
 * @param credentials what clients must show and what is shown to peers, asked for with each request; empty lets everyone in
 * @param tls what connections to peers are made with, asked for each; empty for plain ones. Serving over TLS is the server's affair
 * @param mode how content that other nodes hold gets to containerd; {@link MirrorMode#REDIRECT} only without credentials
 */
public record RegistryConfig(
        RegistryFilter filter,
        Optional<Credentials> credentials,
        Optional<Supplier<SSLContext>> tls,
        MirrorMode mode,
        MirrorConfig mirror,
        TransferConfig transfer,
        UploadConfig upload) {
    /** Serves everything to everyone. */
    public static final RegistryConfig DEFAULTS = new RegistryConfig(
            RegistryFilter.ADMIT_ALL,
            Optional.empty(),
            Optional.empty(),
            MirrorMode.RELAY,
            MirrorConfig.DEFAULTS,
            TransferConfig.DEFAULTS,
            UploadConfig.DEFAULTS);

    public RegistryConfig {
        requireNonNull(filter, "filter");
        requireNonNull(credentials, "credentials");
        requireNonNull(tls, "tls");
        requireNonNull(mode, "mode");
        requireNonNull(mirror, "mirror");
        requireNonNull(transfer, "transfer");
        requireNonNull(upload, "upload");
        if (mode == MirrorMode.REDIRECT && credentials.isPresent()) {
            throw new IllegalArgumentException(
                    "clients show their credentials only to this node, so they can't be redirected to others");
        }
    }

    /** The same for what another filter admits. */
    public RegistryConfig withFilter(RegistryFilter newFilter) {
        return new RegistryConfig(newFilter, credentials, tls, mode, mirror, transfer, upload);
    }

    /** The same for those who show these credentials. */
    public RegistryConfig withCredentials(Credentials newCredentials) {
        return new RegistryConfig(filter, Optional.of(newCredentials), tls, mode, mirror, transfer, upload);
    }

    /** With TLS towards peers; the supplier is asked for each connection, so it may give others over time. */
    public RegistryConfig withTls(Supplier<SSLContext> newTls) {
        return new RegistryConfig(filter, credentials, Optional.of(newTls), mode, mirror, transfer, upload);
    }

    /** The same with another way for content to reach containerd. */
    public RegistryConfig withMode(MirrorMode newMode) {
        return new RegistryConfig(filter, credentials, tls, newMode, mirror, transfer, upload);
    }

    /** The same with another mirror. */
    public RegistryConfig withMirror(MirrorConfig newMirror) {
        return new RegistryConfig(filter, credentials, tls, mode, newMirror, transfer, upload);
    }

    /** The same with other buffers. */
    public RegistryConfig withTransfer(TransferConfig newTransfer) {
        return new RegistryConfig(filter, credentials, tls, mode, mirror, newTransfer, upload);
    }

    /** The same with other limits for what goes to other nodes. */
    public RegistryConfig withUpload(UploadConfig newUpload) {
        return new RegistryConfig(filter, credentials, tls, mode, mirror, transfer, newUpload);
    }
}
