package dev.spegel.routing;

import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.StoreSnapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a store holds, which of its tags a client could pull whole from it, and what the network is still to be told of that. Pure
 * state: no I/O, no clock; for one thread.
 *
 * <p>Outline. The documents (manifests and indexes) that tags lead to form a graph. Each counts how many of its needs are there: a
 * manifest is usable when it is present and so are its config and all layers; an index when it is present and at least one child is
 * usable. An index from content to the documents that need it carries each change upwards, to the tags at the top, so that an event
 * costs what it changes and not what the store holds. Documents are read by the caller: {@link #unread} says which.
 */
final class Advertisable {
    private final Predicate<TagReference> admitted;
    private final Set<Digest> present = new HashSet<>();
    private final Map<TagReference, Digest> tags = new HashMap<>();
    private final Map<Digest, Document> documents = new HashMap<>();
    private final Map<Digest, List<Document>> manifestsNeeding = new HashMap<>();
    private final Set<Digest> unread = new LinkedHashSet<>();

    final Announcements<Digest> blobs = new Announcements<>();
    final Announcements<Digest> manifests = new Announcements<>();
    final Announcements<TagReference> pullableTags = new Announcements<>();

    private static final class Document {
        private final Digest digest;
        private final Set<TagReference> tags = new HashSet<>();
        private final List<Document> parents = new ArrayList<>(1);
        private @Nullable ImageNeeds needs;
        /** How many of the needs are present, for a manifest; usable, for an index. */
        private int satisfied;

        private boolean usable;

        private Document(Digest digest) {
            this.digest = digest;
        }

        private boolean isNeeded() {
            return !tags.isEmpty() || !parents.isEmpty();
        }

        private boolean isSatisfied() {
            return needs != null
                    && switch (needs.kind()) {
                        case MANIFEST -> satisfied == needs.digests().size();
                        case INDEX -> satisfied > 0;
                        case UNUSABLE -> false;
                    };
        }
    }

    /** @param admitted which tags may be advertised at all */
    Advertisable(Predicate<TagReference> admitted) {
        this.admitted = admitted;
    }

    /** Turns what is known into what the store holds now. */
    void reconcile(StoreSnapshot now) {
        now.content().forEach(this::addContent);
        for (TagReference tag : List.copyOf(tags.keySet())) {
            if (!now.tags().containsKey(tag)) {
                removeTag(tag);
            }
        }
        now.tags().forEach(this::addTag);
        for (Digest digest : List.copyOf(present)) {
            if (!now.content().contains(digest)) {
                removeContent(digest);
            }
        }
    }

    void addContent(Digest digest) {
        if (!present.add(digest)) {
            return;
        }
        Document document = documents.get(digest);
        // Once told as a blob, always a blob: moving it would only have it told twice.
        boolean asManifest = manifests.concern(digest) || (document != null && !blobs.concern(digest));
        (asManifest ? manifests : blobs).want(digest);
        for (Document needing : manifestsNeeding.getOrDefault(digest, List.of())) {
            needing.satisfied++;
            reconsider(needing);
        }
        if (document != null) {
            if (document.needs == null) {
                unread.add(digest);
            }
            reconsider(document);
        }
    }

    void removeContent(Digest digest) {
        if (!present.remove(digest)) {
            return;
        }
        blobs.unwant(digest);
        manifests.unwant(digest);
        unread.remove(digest);
        for (Document needing : manifestsNeeding.getOrDefault(digest, List.of())) {
            needing.satisfied--;
            reconsider(needing);
        }
        Document document = documents.get(digest);
        if (document != null) {
            reconsider(document);
        }
    }

    void addTag(TagReference tag, Digest root) {
        if (!admitted.test(tag) || root.equals(tags.get(tag))) {
            return;
        }
        Optional<Digest> before = Optional.ofNullable(tags.put(tag, root));
        Document document = documentOf(root);
        document.tags.add(tag);
        before.ifPresent(old -> untag(old, tag)); // after: what both need isn't forgotten and read again
        announce(tag);
    }

    void removeTag(TagReference tag) {
        Digest root = tags.remove(tag);
        if (root != null) {
            untag(root, tag);
            announce(tag);
        }
    }

    private void untag(Digest root, TagReference tag) {
        Document document = documentOf(root);
        document.tags.remove(tag);
        forgetUnneeded(document);
    }

    /** Documents that are present and needed, and whose needs {@link #read} hasn't told yet. */
    List<Digest> unread() {
        return List.copyOf(unread);
    }

    /** Tells what a document needs. Ignored if nobody wants to know any more. */
    void read(Digest digest, ImageNeeds needs) {
        Document document = documents.get(digest);
        if (document == null || document.needs != null) {
            return;
        }
        unread.remove(digest);
        document.needs = needs;
        for (Digest need : needs.digests()) {
            if (needs.kind() == ImageNeeds.Kind.INDEX) {
                Document child = documentOf(need);
                child.parents.add(document);
                document.satisfied += child.usable ? 1 : 0;
            } else {
                manifestsNeeding
                        .computeIfAbsent(need, key -> new ArrayList<>(1))
                        .add(document);
                document.satisfied += present.contains(need) ? 1 : 0;
            }
        }
        reconsider(document);
    }

    private Document documentOf(Digest digest) {
        Document known = documents.get(digest);
        if (known != null) {
            return known;
        }
        Document document = new Document(digest);
        documents.put(digest, document);
        if (present.contains(digest)) {
            unread.add(digest);
            if (blobs.isNews(digest)) {
                blobs.unwant(digest);
                manifests.want(digest);
            }
        }
        return document;
    }

    /** Carries what became of a document upwards. A loop, as the depth of the graph is up to whoever made the images. */
    private void reconsider(Document changed) {
        Deque<Document> toLookAt = new ArrayDeque<>(List.of(changed));
        while (!toLookAt.isEmpty()) {
            Document document = toLookAt.remove();
            boolean usable = present.contains(document.digest) && document.isSatisfied();
            if (usable != document.usable) {
                document.usable = usable;
                for (Document parent : document.parents) {
                    parent.satisfied += usable ? 1 : -1;
                    toLookAt.add(parent);
                }
                document.tags.forEach(this::announce);
            }
        }
    }

    private void announce(TagReference tag) {
        Digest root = tags.get(tag);
        Document document = root == null ? null : documents.get(root);
        if (document != null && document.usable) {
            pullableTags.want(tag);
        } else {
            pullableTags.unwant(tag);
        }
    }

    private void forgetUnneeded(Document first) {
        Deque<Document> toLookAt = new ArrayDeque<>(List.of(first));
        while (!toLookAt.isEmpty()) {
            Document document = toLookAt.remove();
            if (document.isNeeded() || documents.remove(document.digest) == null) {
                continue;
            }
            unread.remove(document.digest);
            ImageNeeds needs = document.needs;
            if (needs == null) {
                continue;
            }
            for (Digest need : needs.digests()) {
                if (needs.kind() == ImageNeeds.Kind.INDEX) {
                    Document child = documentOf(need);
                    child.parents.remove(document);
                    toLookAt.add(child);
                } else {
                    manifestsNeeding.computeIfPresent(need, (key, needing) -> {
                        needing.remove(document);
                        return needing.isEmpty() ? null : needing;
                    });
                }
            }
        }
    }

    boolean isSettled() {
        return blobs.isSettled() && manifests.isSettled() && pullableTags.isSettled();
    }

    /** Goes through all that is advertised: in proportion to that. */
    AdvertisedNumbers numbers() {
        Map<String, Integer> imageTags = new HashMap<>();
        Map<String, Set<Digest>> images = new HashMap<>();
        Map<String, Set<Digest>> contents = new HashMap<>();
        for (TagReference tag : pullableTags.told()) {
            String registry = tag.registry();
            imageTags.merge(registry, 1, Integer::sum);
            Digest root = tags.get(tag);
            Document document = root == null ? null : documents.get(root);
            if (document != null) { // null: about to be withdrawn
                collect(
                        document,
                        images.computeIfAbsent(registry, key -> new HashSet<>()),
                        contents.computeIfAbsent(registry, key -> new HashSet<>()));
            }
        }
        Map<String, AdvertisedNumbers.OfRegistry> byRegistry = new HashMap<>();
        imageTags.forEach((registry, count) -> byRegistry.put(
                registry,
                new AdvertisedNumbers.OfRegistry(
                        count,
                        images.getOrDefault(registry, Set.of()).size(),
                        contents.getOrDefault(registry, Set.of()).size())));
        int keys = blobs.told().size()
                + manifests.told().size()
                + pullableTags.told().size();
        return new AdvertisedNumbers(byRegistry, keys);
    }

    private void collect(Document root, Set<Digest> images, Set<Digest> contents) {
        Deque<Document> toLookAt = new ArrayDeque<>(List.of(root));
        while (!toLookAt.isEmpty()) {
            Document document = toLookAt.remove();
            ImageNeeds needs = document.needs;
            if (!isTold(document.digest) || !images.add(document.digest) || needs == null) {
                continue;
            }
            contents.add(document.digest);
            for (Digest need : needs.digests()) {
                Document child = needs.kind() == ImageNeeds.Kind.INDEX ? documents.get(need) : null;
                if (child != null) {
                    toLookAt.add(child);
                } else if (isTold(need)) {
                    contents.add(need);
                }
            }
        }
    }

    private boolean isTold(Digest digest) {
        return blobs.told().contains(digest) || manifests.told().contains(digest);
    }
}
