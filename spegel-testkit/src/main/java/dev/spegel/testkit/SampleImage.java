package dev.spegel.testkit;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.GeneratedLayer;
import dev.spegel.oci.store.MemoryStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A whole image in the heap: the blobs that it is made of, each before those that name it, and the one on top. */
public final class SampleImage {
    private final Descriptor target;
    private final Map<Digest, Blob> blobs;

    private SampleImage(Descriptor target, Map<Digest, Blob> blobs) {
        this.target = target;
        this.blobs = new LinkedHashMap<>(blobs);
    }

    /** The manifest or index that a tag of this image names. */
    public Descriptor target() {
        return target;
    }

    /** All blobs, layers and configs first, the target last. A blob that is used twice is listed once. */
    public List<Descriptor> content() {
        return blobs.values().stream().map(blob -> blob.descriptor).toList();
    }

    /** The blobs under {@code /blobs/}: no manifest and no index. */
    public List<Descriptor> layersAndConfigs() {
        return content().stream().filter(d -> !d.mediaType().isManifest()).toList();
    }

    /** The manifests of this image, without an index. */
    public List<Descriptor> manifests() {
        return content().stream()
                .filter(d -> d.mediaType().isManifest() && !d.mediaType().isIndex())
                .toList();
    }

    /**
     * A copy of the content.
     *
     * @throws IllegalArgumentException if it isn't part of this image
     */
    public byte[] bytes(Digest digest) {
        Blob blob = blobs.get(digest);
        if (blob == null) {
            throw new IllegalArgumentException(digest + " is no part of this image");
        }
        return blob.bytes.clone();
    }

    /** Copies of all content, in the order of {@link #content}. */
    public byte[][] blobs() {
        return blobs.values().stream().map(blob -> blob.bytes.clone()).toArray(byte[][]::new);
    }

    /** Puts all content into the store, and then the tag. */
    public void putInto(MemoryStore store, TagReference tag) {
        blobs.values().forEach(blob -> store.put(blob.bytes));
        store.tag(tag, target.digest());
    }

    /** Collects the blobs of one image. */
    static final class Builder {
        private final Map<Digest, Blob> blobs = new LinkedHashMap<>();

        Descriptor add(MediaType type, byte[] bytes) {
            Descriptor descriptor = Descriptor.of(type, Digest.ofSha256(bytes), bytes.length);
            blobs.putIfAbsent(descriptor.digest(), new Blob(descriptor, bytes));
            return descriptor;
        }

        Descriptor addJson(MediaType type, String json) {
            return add(type, json.getBytes(StandardCharsets.UTF_8));
        }

        Descriptor add(MediaType type, GeneratedLayer layer) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try {
                layer.writeTo(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException("the heap doesn't fail", e);
            }
            return add(type, bytes.toByteArray());
        }

        /** Adds the layers and a manifest of this type, which has the field {@code mediaType} as asked. */
        Descriptor addImage(Form form, String architecture, List<GeneratedLayer> layers) {
            List<Descriptor> descriptors = new ArrayList<>();
            for (GeneratedLayer layer : layers) {
                descriptors.add(add(layer.gzip() ? form.gzipLayer() : MediaType.OCI_LAYER, layer));
            }
            Descriptor config = addJson(
                    form.config(),
                    Json.config(
                            architecture,
                            layers.stream().map(GeneratedLayer::diffId).toList()));
            return addJson(form.manifest(), Json.manifest(form, config, descriptors));
        }

        SampleImage build(Descriptor target) {
            return new SampleImage(target, blobs);
        }
    }

    /** Not a record, so that the array stays inside. */
    private static final class Blob {
        private final Descriptor descriptor;
        private final byte[] bytes;

        Blob(Descriptor descriptor, byte[] bytes) {
            this.descriptor = descriptor;
            this.bytes = bytes;
        }
    }
}
