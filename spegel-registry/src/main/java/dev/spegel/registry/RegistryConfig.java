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
 */
public record RegistryConfig(
        RegistryFilter filter,
        Optional<BasicCredentials> credentials,
        MirrorConfig mirror,
        TransferConfig transfer,
        UploadConfig upload) {
    /** Serves everything to everyone. */
    public static final RegistryConfig DEFAULTS = new RegistryConfig(
            RegistryFilter.ADMIT_ALL,
            Optional.empty(),
            MirrorConfig.DEFAULTS,
            TransferConfig.DEFAULTS,
            UploadConfig.DEFAULTS);

    public RegistryConfig {
        requireNonNull(filter, "filter");
        requireNonNull(credentials, "credentials");
        requireNonNull(mirror, "mirror");
        requireNonNull(transfer, "transfer");
        requireNonNull(upload, "upload");
    }

    public RegistryConfig withFilter(RegistryFilter newFilter) {
        return new RegistryConfig(newFilter, credentials, mirror, transfer, upload);
    }

    public RegistryConfig withCredentials(BasicCredentials newCredentials) {
        return new RegistryConfig(filter, Optional.of(newCredentials), mirror, transfer, upload);
    }

    public RegistryConfig withMirror(MirrorConfig newMirror) {
        return new RegistryConfig(filter, credentials, newMirror, transfer, upload);
    }

    public RegistryConfig withTransfer(TransferConfig newTransfer) {
        return new RegistryConfig(filter, credentials, mirror, newTransfer, upload);
    }

    public RegistryConfig withUpload(UploadConfig newUpload) {
        return new RegistryConfig(filter, credentials, mirror, transfer, newUpload);
    }
}
