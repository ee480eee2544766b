package dev.spegel.routing;

import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Counts what is advertised. For one call. */
final class AdvertisedCount {
    private final Advertisable content;
    private final TaggedImages images;
    private final Map<String, Registry> registries = new HashMap<>();

    private static final class Registry {
        private int tags;
        private final Set<Digest> images = new HashSet<>();
        private final Set<Digest> contents = new HashSet<>();
    }

    private AdvertisedCount(Advertisable content, TaggedImages images) {
        this.content = content;
        this.images = images;
    }

    static AdvertisedNumbers of(Advertisable content, TaggedImages images) {
        AdvertisedCount count = new AdvertisedCount(content, images);
        for (TagReference tag : content.pullableTags.told()) {
            Registry registry = count.registries.computeIfAbsent(tag.registry(), key -> new Registry());
            registry.tags++;
            images.root(tag).ifPresent(root -> count.collect(root, registry)); // absent: about to be withdrawn
        }
        Map<String, AdvertisedNumbers.OfRegistry> byRegistry = new HashMap<>();
        count.registries.forEach((name, registry) -> byRegistry.put(
                name,
                new AdvertisedNumbers.OfRegistry(registry.tags, registry.images.size(), registry.contents.size())));
        int keys = content.blobs.told().size()
                + content.manifests.told().size()
                + content.pullableTags.told().size();
        Map<HeldBackTag.Reason, Integer> heldBack = new EnumMap<>(HeldBackTag.Reason.class);
        for (TagReference tag : images.tags()) {
            content.whyHeldBack(tag).ifPresent(held -> heldBack.merge(held.reason(), 1, Integer::sum));
        }
        return new AdvertisedNumbers(byRegistry, keys, heldBack);
    }

    private void collect(Document root, Registry registry) {
        Deque<Document> toLookAt = new ArrayDeque<>(List.of(root));
        while (!toLookAt.isEmpty()) {
            Document document = toLookAt.remove();
            ImageNeeds needs = document.needs;
            if (!content.isTold(document.digest) || needs == null || !registry.images.add(document.digest)) {
                continue;
            }
            registry.contents.add(document.digest);
            if (needs instanceof ImageNeeds.OfIndex index) {
                index.choices()
                        .forEach(choice ->
                                choice.forEach(child -> images.document(child).ifPresent(toLookAt::add)));
            } else if (needs instanceof ImageNeeds.OfImage image) {
                addIfTold(image.config(), registry);
                image.layers().forEach(layer -> addIfTold(layer, registry));
            }
        }
    }

    private void addIfTold(Digest digest, Registry registry) {
        if (content.isTold(digest)) {
            registry.contents.add(digest);
        }
    }
}
