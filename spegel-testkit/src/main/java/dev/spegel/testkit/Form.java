package dev.spegel.testkit;

import dev.spegel.oci.MediaType;

/** Whose types an image uses, and whether its manifest says its own. */
record Form(MediaType index, MediaType manifest, MediaType config, MediaType gzipLayer, boolean saysMediaType) {
    static final Form OCI =
            new Form(MediaType.OCI_INDEX, MediaType.OCI_MANIFEST, MediaType.OCI_CONFIG, MediaType.OCI_LAYER_GZIP, true);

    /** As umoci writes it: the field {@code mediaType} is only recommended (image-spec v1.1.1, manifest.md). */
    static final Form OCI_WITHOUT_MEDIA_TYPE = new Form(
            MediaType.OCI_INDEX, MediaType.OCI_MANIFEST, MediaType.OCI_CONFIG, MediaType.OCI_LAYER_GZIP, false);

    static final Form DOCKER = new Form(
            MediaType.DOCKER_MANIFEST_LIST,
            MediaType.DOCKER_MANIFEST,
            MediaType.DOCKER_CONFIG,
            MediaType.DOCKER_LAYER_GZIP,
            true);
}
