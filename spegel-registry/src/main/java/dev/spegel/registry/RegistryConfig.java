package dev.spegel.registry;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.RegistryFilter;
import dev.spegel.routing.BasicCredentials;
import java.util.Optional;

/**
 * How a {@link RegistryHandler} serves.
 *
 * @param filter what it has to do with; the rest is answered 404
 * @param credentials what clients must show and what is shown to peers; empty lets everyone in
 * @param mode how content that other nodes hold gets to containerd; {@link MirrorMode#REDIRECT} only without credentials
 */
public record RegistryConfig(
        RegistryFilter filter,
        Optional<BasicCredentials> credentials,
        MirrorMode mode,
        MirrorConfig mirror,
        TransferConfig transfer,
        UploadConfig upload) {
    /** Serves everything to everyone. */
    public static final RegistryConfig DEFAULTS = new RegistryConfig(
            RegistryFilter.ADMIT_ALL,
            Optional.empty(),
            MirrorMode.RELAY,
            MirrorConfig.DEFAULTS,
            TransferConfig.DEFAULTS,
            UploadConfig.DEFAULTS);

    public RegistryConfig {
        requireNonNull(filter, "filter");
        requireNonNull(credentials, "credentials");
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
        return new RegistryConfig(newFilter, credentials, mode, mirror, transfer, upload);
    }

    /** The same for those who show these credentials. */
    public RegistryConfig withCredentials(BasicCredentials newCredentials) {
        return new RegistryConfig(filter, Optional.of(newCredentials), mode, mirror, transfer, upload);
    }

    /** The same with another way for content to reach containerd. */
    public RegistryConfig withMode(MirrorMode newMode) {
        return new RegistryConfig(filter, credentials, newMode, mirror, transfer, upload);
    }

    /** The same with another mirror. */
    public RegistryConfig withMirror(MirrorConfig newMirror) {
        return new RegistryConfig(filter, credentials, mode, newMirror, transfer, upload);
    }

    /** The same with other buffers. */
    public RegistryConfig withTransfer(TransferConfig newTransfer) {
        return new RegistryConfig(filter, credentials, mode, mirror, newTransfer, upload);
    }

    /** The same with other limits for what goes to other nodes. */
    public RegistryConfig withUpload(UploadConfig newUpload) {
        return new RegistryConfig(filter, credentials, mode, mirror, transfer, newUpload);
    }
}
