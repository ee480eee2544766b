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
import java.util.Optional;
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
    private StoreSnapshot snapshot = StoreSnapshot.EMPTY;
    /** Whether the snapshot's part is out of date. For the thread that changes this. */
    private boolean contentChanged;

    private boolean tagsChanged;

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

    void add(Digest digest, long sizeBytes) {
        damaged.remove(digest);
        if (sizes.size() >= MAX_CONTENT && !sizes.containsKey(digest)) {
            full = true;
        } else {
            contentChanged |= sizes.put(digest, sizeBytes) == null;
        }
    }

    void remove(Digest digest) {
        contentChanged |= sizes.remove(digest) != null;
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

    /** Takes an image over, unless its name is of no use. */
    void put(Image image) {
        String name = image.getName();
        try {
            if (images.size() >= MAX_IMAGES && !images.containsKey(name)) {
                full = true;
                return;
            }
            if (!NamedImage.isId(name)) {
                NamedImage now = NamedImage.of(image);
                tagsChanged |= !now.equals(images.put(name, now));
                skippedNames.remove(name);
                return;
            }
        } catch (OciSyntaxException e) {
            if (skippedNames.size() < MAX_IMAGES) {
                skippedNames.add(name);
            }
            if (toldNames.size() < MAX_TOLD && toldNames.add(name)) {
                log.info("The image {} isn't shared by name: {}", name, e.getMessage());
            }
        }
        tagsChanged |= images.remove(name) != null;
    }

    void removeImage(String name) {
        tagsChanged |= images.remove(name) != null;
        skippedNames.remove(name);
    }

    /** To be called before everything is listed: whether there is too much shows then. */
    void beginListing() {
        full = false;
    }

    /** Drops what a listing doesn't have. */
    void retain(Set<Digest> content, Set<String> names) {
        contentChanged |= sizes.keySet().retainAll(content);
        tagsChanged |= images.keySet().retainAll(names);
        skippedNames.retainAll(names);
        damaged.removeIf(digest -> !content.contains(digest));
    }

    /** All that is known, if that has changed since it was taken last; what hasn't is the very same collection. */
    Optional<StoreSnapshot> takeChange() {
        if (!contentChanged && !tagsChanged) {
            return Optional.empty();
        }
        snapshot = new StoreSnapshot(
                contentChanged ? sizes.keySet() : snapshot.content(), tagsChanged ? tags() : snapshot.tags());
        contentChanged = false;
        tagsChanged = false;
        return Optional.of(snapshot);
    }

    private Map<TagReference, Digest> tags() {
        Map<TagReference, Digest> tags = new HashMap<>();
        for (NamedImage image : images.values()) {
            image.tag().ifPresent(tag -> tags.put(tag, image.target()));
        }
        return tags;
    }
}
