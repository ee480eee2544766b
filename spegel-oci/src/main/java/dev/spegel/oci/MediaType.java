package dev.spegel.oci;

import java.util.regex.Pattern;

/**
 * The media type of content, {@code type/subtype}, without parameters.
 *
 * <p>Grammar: RFC 6838, section 4.2. Names: OCI image-spec v1.1.1, media-types.md, and Docker's image manifest V2, schema 2.
 */
public record MediaType(String value) {
    private static final Pattern GRAMMAR =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}");

    /** An image index: manifests of one image for several platforms. */
    public static final MediaType OCI_INDEX = new MediaType("application/vnd.oci.image.index.v1+json");
    /** An image manifest. */
    public static final MediaType OCI_MANIFEST = new MediaType("application/vnd.oci.image.manifest.v1+json");
    /** An image configuration. */
    public static final MediaType OCI_CONFIG = new MediaType("application/vnd.oci.image.config.v1+json");
    /** The two bytes <code>{}</code>, where an artifact has no configuration. */
    public static final MediaType OCI_EMPTY = new MediaType("application/vnd.oci.empty.v1+json");
    /** A layer, uncompressed. */
    public static final MediaType OCI_LAYER = new MediaType("application/vnd.oci.image.layer.v1.tar");
    /** A layer, compressed by gzip. */
    public static final MediaType OCI_LAYER_GZIP = new MediaType("application/vnd.oci.image.layer.v1.tar+gzip");
    /** A layer, compressed by Zstandard. */
    public static final MediaType OCI_LAYER_ZSTD = new MediaType("application/vnd.oci.image.layer.v1.tar+zstd");
    /** Deprecated by image-spec v1.1, as are its two compressed forms; still found in images for Windows. */
    public static final MediaType OCI_FOREIGN_LAYER =
            new MediaType("application/vnd.oci.image.layer.nondistributable.v1.tar");

    /** {@link #OCI_FOREIGN_LAYER}, compressed by gzip. */
    public static final MediaType OCI_FOREIGN_LAYER_GZIP =
            new MediaType("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip");
    /** {@link #OCI_FOREIGN_LAYER}, compressed by Zstandard. */
    public static final MediaType OCI_FOREIGN_LAYER_ZSTD =
            new MediaType("application/vnd.oci.image.layer.nondistributable.v1.tar+zstd");
    /** What {@link #OCI_INDEX} was made from. */
    public static final MediaType DOCKER_MANIFEST_LIST =
            new MediaType("application/vnd.docker.distribution.manifest.list.v2+json");
    /** What {@link #OCI_MANIFEST} was made from. */
    public static final MediaType DOCKER_MANIFEST =
            new MediaType("application/vnd.docker.distribution.manifest.v2+json");
    /** What {@link #OCI_CONFIG} was made from. */
    public static final MediaType DOCKER_CONFIG = new MediaType("application/vnd.docker.container.image.v1+json");
    /** Docker keeps layers so on disk; it sends them compressed. */
    public static final MediaType DOCKER_LAYER = new MediaType("application/vnd.docker.image.rootfs.diff.tar");

    /** A layer as Docker pushes it by default. */
    public static final MediaType DOCKER_LAYER_GZIP =
            new MediaType("application/vnd.docker.image.rootfs.diff.tar.gzip");
    /** A layer, compressed by Zstandard. */
    public static final MediaType DOCKER_LAYER_ZSTD =
            new MediaType("application/vnd.docker.image.rootfs.diff.tar.zstd");

    /** A layer that comes from the address in its descriptor, never from a registry, as does its compressed form. */
    public static final MediaType DOCKER_FOREIGN_LAYER =
            new MediaType("application/vnd.docker.image.rootfs.foreign.diff.tar");

    /** {@link #DOCKER_FOREIGN_LAYER}, compressed by gzip. */
    public static final MediaType DOCKER_FOREIGN_LAYER_GZIP =
            new MediaType("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip");

    /** Bytes of which nothing else is known. */
    public static final MediaType OCTET_STREAM = new MediaType("application/octet-stream");

    /** @throws OciSyntaxException if this isn't {@code type/subtype} */
    public MediaType {
        if (!GRAMMAR.matcher(value).matches()) {
            throw new OciSyntaxException(
                    ErrorCode.MANIFEST_INVALID, "a media type is type/subtype, got " + Quoted.of(value));
        }
    }

    /** Whether this names a list of manifests, in OCI's or Docker's form. */
    public boolean isIndex() {
        return equals(OCI_INDEX) || equals(DOCKER_MANIFEST_LIST);
    }

    /** Whether a registry serves this under {@code /manifests/}: an index, or the manifest of one image. */
    public boolean isManifest() {
        return isIndex() || equals(OCI_MANIFEST) || equals(DOCKER_MANIFEST);
    }

    /** Whether this names an image's config, in OCI's or Docker's form. The config of an artifact is something else. */
    public boolean isImageConfig() {
        return equals(OCI_CONFIG) || equals(DOCKER_CONFIG);
    }

    /**
     * Whether registries leave out a layer of this type, since its licence forbids to hand it on. A store that lacks it is
     * complete all the same.
     */
    public boolean isForeignLayer() {
        return equals(OCI_FOREIGN_LAYER)
                || equals(OCI_FOREIGN_LAYER_GZIP)
                || equals(OCI_FOREIGN_LAYER_ZSTD)
                || equals(DOCKER_FOREIGN_LAYER)
                || equals(DOCKER_FOREIGN_LAYER_GZIP);
    }

    @Override
    public String toString() {
        return value;
    }
}
