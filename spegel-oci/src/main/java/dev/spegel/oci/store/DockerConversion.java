package dev.spegel.oci.store;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageConfig;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.Quoted;
import dev.spegel.oci.StoredMediaType;
import dev.spegel.oci.store.ImageImporter.Limits;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * Makes OCI images of what {@code docker save} writes: the config stays as it is, and with it the image's ID; the layers stay as
 * they are, most often plain tars; the manifest is new. The layers are checked against the config's list of their digests.
 */
final class DockerConversion {
    private static final int BUFFER_BYTES = 128 * 1024;

    /** {@code <hash>.json}, or {@code blobs/sha256/<hash>} as of Docker 25. */
    private static final Pattern CONFIG_NAME = Pattern.compile("(?:.*/)?([0-9a-f]{64})(?:\\.json)?");

    private final OciLayoutWriter target;
    private final Files files;
    private final Limits limits;

    DockerConversion(OciLayoutWriter target, Files files, Limits limits) {
        this.target = target;
        this.files = files;
        this.limits = limits;
    }

    /** Adds the image's manifest to the layout and returns it. */
    Descriptor convert(DockerManifest image) throws IOException {
        Descriptor configFile = files.find(image.config());
        Matcher hash = CONFIG_NAME.matcher(image.config());
        if (hash.matches() && !hash.group(1).equals(configFile.digest().encoded())) {
            throw new StoreException("the config %s has another digest than its name says, %s"
                    .formatted(Quoted.of(image.config()), configFile.digest()));
        }
        List<Digest> diffIds = ImageConfig.parse(readDocument(configFile)).diffIds();
        if (diffIds.size() != image.layers().size()) {
            throw new StoreException("the config lists %d layers, the archive's manifest.json %d"
                    .formatted(diffIds.size(), image.layers().size()));
        }
        List<Descriptor> layers = new ArrayList<>();
        for (int i = 0; i < diffIds.size(); i++) {
            layers.add(layer(image.layers().get(i), diffIds.get(i)));
        }
        Descriptor config = Descriptor.of(MediaType.OCI_CONFIG, configFile.digest(), configFile.sizeBytes());
        return target.add(
                MediaType.OCI_MANIFEST, ImageManifest.of(config, layers).toJson());
    }

    private byte[] readDocument(Descriptor file) throws IOException {
        if (file.sizeBytes() > StoredMediaType.MAX_DOCUMENT_BYTES) {
            throw new StoreException("the config %s is larger than 4 MiB".formatted(file.digest()));
        }
        try (InputStream in = open(file)) {
            return in.readNBytes((int) file.sizeBytes());
        }
    }

    private Descriptor layer(String name, Digest diffId) throws IOException {
        Descriptor file = files.find(name);
        if (file.digest().equals(diffId)) {
            return Descriptor.of(MediaType.OCI_LAYER, file.digest(), file.sizeBytes());
        }
        try (InputStream in = new BufferedInputStream(open(file), BUFFER_BYTES)) {
            if (TarReader.isGzip(in) && digestUnzipped(in, diffId.algorithm()).equals(diffId)) {
                return Descriptor.of(MediaType.OCI_LAYER_GZIP, file.digest(), file.sizeBytes());
            }
        }
        throw new StoreException(
                "the layer %s isn't the one that the config names, %s".formatted(Quoted.of(name), diffId));
    }

    private Digest digestUnzipped(InputStream gzip, Digest.Algorithm algorithm) throws IOException {
        MessageDigest hash = algorithm.newMessageDigest();
        byte[] buffer = new byte[BUFFER_BYTES];
        long total = 0;
        try (InputStream tar = new GZIPInputStream(gzip, BUFFER_BYTES)) {
            for (int count = tar.read(buffer); count >= 0; count = tar.read(buffer)) {
                total += count;
                if (total > limits.maxTotalBytes()) {
                    throw new StoreException("a layer has more than %d bytes".formatted(limits.maxTotalBytes()));
                }
                hash.update(buffer, 0, count);
            }
        }
        return Digest.of(algorithm, hash.digest());
    }

    private InputStream open(Descriptor file) throws StoreException {
        return target.read(file.digest())
                .orElseThrow(() -> new StoreException(file.digest() + " vanished while it was imported"));
    }

    /** The files of the archive. */
    @FunctionalInterface
    interface Files {
        /** @throws StoreException if there is no such file */
        Descriptor find(String name) throws StoreException;
    }
}
