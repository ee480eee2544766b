package dev.spegel.containerd;

import dev.spegel.containerd.internal.Image;
import dev.spegel.oci.Digest;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.StoreSnapshot;
import dev.spegel.oci.store.StoredImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is known of the images and the content of a namespace. Changed by one thread, read by many. */
final class Holdings {
    private static final Logger log = LoggerFactory.getLogger(Holdings.class);

    /** As many as an OCI layout store serves; with digests, sizes and the snapshot some 25 MiB. */
    static final int MAX_CONTENT = 100_000;

    /** Three names an image, for ten times as many images as the largest nodes have. */
    static final int MAX_IMAGES = 50_000;

    /** What the log has told of; past that, once more does no harm. */
    private static final int MAX_TOLD = 10_000;

    private final Map<Digest, Long> sizes = new ConcurrentHashMap<>();
    private final Map<String, NamedImage> images = new ConcurrentHashMap<>();
    private final Set<String> skippedNames = ConcurrentHashMap.newKeySet();
    private final Set<Digest> damaged = ConcurrentHashMap.newKeySet();
    private final Set<String> toldNames = ConcurrentHashMap.newKeySet();
    private volatile boolean full;

    OptionalLong size(Digest digest) {
        Long size = sizes.get(digest);
        return size == null ? OptionalLong.empty() : OptionalLong.of(size);
    }

    boolean has(Digest digest) {
        return sizes.containsKey(digest);
    }

    int contentCount() {
        return sizes.size();
    }

    int imageCount() {
        return images.size();
    }

    /** How many images have a name that is no reference in full, so that no client can ask for it. */
    int skippedNames() {
        return skippedNames.size();
    }

    /** How many contents aren't served since their file hasn't the size that containerd committed. */
    int damaged() {
        return damaged.size();
    }

    /** Whether there is more than is shown. */
    boolean isFull() {
        return full;
    }

    List<StoredImage> images() {
        return images.values().stream().map(NamedImage::image).toList();
    }

    /** The names of images that point to this manifest or index. */
    List<String> namesOf(Digest target) {
        List<String> names = new ArrayList<>();
        images.forEach((name, image) -> {
            if (image.target().equals(target)) {
                names.add(name);
            }
        });
        return names;
    }

    /** Returns whether that is news. */
    boolean add(Digest digest, long sizeBytes) {
        damaged.remove(digest);
        if (sizes.size() >= MAX_CONTENT && !sizes.containsKey(digest)) {
            full = true;
            return false;
        }
        Long before = sizes.put(digest, sizeBytes);
        return before == null;
    }

    /** Returns whether it was there. */
    boolean remove(Digest digest) {
        return sizes.remove(digest) != null;
    }

    void addDamaged(Digest digest, long expectedBytes, long foundBytes) {
        if (damaged.size() < MAX_TOLD && damaged.add(digest)) {
            log.warn(
                    "{} isn't served: its file has {} bytes, and containerd committed {}",
                    digest,
                    foundBytes,
                    expectedBytes);
        }
    }

    boolean isDamaged(Digest digest) {
        return damaged.contains(digest);
    }

    void removeDamaged(Digest digest) {
        damaged.remove(digest);
    }

    /** Takes an image over; returns false if its name is of no use. */
    boolean put(Image image) {
        String name = image.getName();
        try {
            if (images.size() >= MAX_IMAGES && !images.containsKey(name)) {
                full = true;
                return false;
            }
            if (!NamedImage.isId(name)) {
                images.put(name, NamedImage.of(image));
                skippedNames.remove(name);
                return true;
            }
        } catch (OciSyntaxException e) {
            if (skippedNames.size() < MAX_IMAGES) {
                skippedNames.add(name);
            }
            if (toldNames.size() < MAX_TOLD && toldNames.add(name)) {
                log.info("The image {} isn't shared by name: {}", name, e.getMessage());
            }
        }
        images.remove(name);
        return false;
    }

    void removeImage(String name) {
        images.remove(name);
        skippedNames.remove(name);
    }

    /** Drops what a listing doesn't have. */
    void retain(Set<Digest> content, Set<String> names) {
        full = false;
        sizes.keySet().retainAll(content);
        images.keySet().retainAll(names);
        skippedNames.retainAll(names);
        damaged.removeIf(digest -> !content.contains(digest));
    }

    StoreSnapshot snapshot() {
        Map<TagReference, Digest> tags = new HashMap<>();
        for (NamedImage image : images.values()) {
            image.tag().ifPresent(tag -> tags.put(tag, image.target()));
        }
        return new StoreSnapshot(sizes.keySet(), tags);
    }
}
