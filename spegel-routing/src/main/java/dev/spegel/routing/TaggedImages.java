package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which tags of a store a client could pull. Pure state: no I/O, no clock; for one thread.
 *
 * <p>Outline. The documents (manifests and indexes) that tags lead to form a graph, and each counts what it lacks.
 *
 * <ul>
 *   <li>A manifest is usable when it is here, its config is here, and each layer is here or {@linkplain MissingLayers elsewhere}.
 *       containerd doesn't download layers whose snapshot it has, so layers may be missing for good; it never leaves out a config,
 *       so an image without one is damaged, or on its way in or out.
 *   <li>An index is usable when it is here and so is, usable, one child of the {@linkplain ImageNeeds.OfIndex choice} that counts:
 *       the best of which anything is here. So an image that lacks this node's platform is still good for another (it may have
 *       been imported for just that), but once this node has the manifest for its own platform, that one has to be whole. Other
 *       platforms' manifests don't matter then: containerd 2 brings them along without their layers.
 * </ul>
 *
 * Changes run through the graph both ways, so that an event costs what it changes and not what the store holds: usability upwards, to
 * the tags ({@link #reconsider}); what is in use downwards, to the layers worth a search ({@link #refocus}). Documents are read by the
 * caller: {@link #unread} says which.
 */
final class TaggedImages {
    private final Listener listener;
    private final MissingLayers missing;
    private final Set<Digest> present = new HashSet<>();
    private final Map<TagReference, Digest> tags = new HashMap<>();
    private final Map<Digest, Document> documents = new HashMap<>();
    /** Manifests by their configs and layers. */
    private final Map<Digest, List<Document>> manifestsNeeding = new HashMap<>();

    private final Set<Digest> unread = new LinkedHashSet<>();

    /** What there is to be told. */
    interface Listener {
        /** A tag leads to this. */
        void documentKnown(Digest digest);

        /** Perhaps the tag came, went, or can or can't be pulled from now on. */
        void tagChanged(TagReference tag);
    }

    /** @param missing which missing layers to search for is written here */
    TaggedImages(Listener listener, MissingLayers missing) {
        this.listener = requireNonNull(listener, "listener");
        this.missing = requireNonNull(missing, "missing");
    }

    /** Returns whether it's new. */
    boolean addContent(Digest digest) {
        if (!present.add(digest)) {
            return false;
        }
        boolean wasElsewhere = missing.remove(digest);
        for (Document manifest : needing(digest)) {
            if (!wasElsewhere || !manifest.hasLayer(digest)) {
                manifest.unmet--;
            }
            refocus(manifest);
            reconsider(manifest);
        }
        presenceChanged(digest, 1);
        return true;
    }

    /** Returns whether it was there. */
    boolean removeContent(Digest digest) {
        if (!present.remove(digest)) {
            return false;
        }
        for (Document manifest : needing(digest)) {
            manifest.unmet++;
            refocus(manifest);
            reconsider(manifest);
        }
        updateSearch(digest);
        presenceChanged(digest, -1);
        return true;
    }

    private void presenceChanged(Digest digest, int change) {
        Document document = documents.get(digest);
        if (document == null) {
            return;
        }
        if (change < 0) {
            unread.remove(digest);
        } else if (document.needs == null) {
            unread.add(digest);
        }
        for (Document.Place place : document.places) {
            place.index().countPresent(place.choice(), change);
            refocus(place.index());
            reconsider(place.index());
        }
        refocus(document);
        reconsider(document);
    }

    void addTag(TagReference tag, Digest root) {
        if (root.equals(tags.get(tag))) {
            return;
        }
        Optional<Digest> before = Optional.ofNullable(tags.put(tag, root));
        Document document = documentOf(root);
        document.tags.add(tag);
        refocus(document);
        before.ifPresent(old -> untag(old, tag)); // after: what both need isn't forgotten and read again
        listener.tagChanged(tag);
    }

    void removeTag(TagReference tag) {
        Digest root = tags.remove(tag);
        if (root != null) {
            untag(root, tag);
            listener.tagChanged(tag);
        }
    }

    private void untag(Digest root, TagReference tag) {
        Document document = documentOf(root);
        document.tags.remove(tag);
        refocus(document);
        forgetUnnamed(document);
    }

    /** Documents that are here and named, and whose needs {@link #read} hasn't told yet. */
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
        if (needs instanceof ImageNeeds.OfIndex index) {
            document.makeIndex(index.choices().size());
            for (int choice = 0; choice < index.choices().size(); choice++) {
                for (Digest name : index.choices().get(choice)) {
                    Document child = documentOf(name);
                    child.places.add(new Document.Place(document, choice));
                    document.countPresent(choice, present.contains(name) ? 1 : 0);
                    document.countUsable(choice, child.usable ? 1 : 0);
                }
            }
        } else if (needs instanceof ImageNeeds.OfImage image) {
            require(document, image.config(), present.contains(image.config()));
            for (Digest layer : image.layers()) {
                require(document, layer, present.contains(layer) || missing.isElsewhere(layer));
            }
        }
        refocus(document);
        reconsider(document);
    }

    private void require(Document manifest, Digest need, boolean met) {
        manifestsNeeding.computeIfAbsent(need, key -> new ArrayList<>(1)).add(manifest);
        manifest.unmet += met ? 0 : 1;
    }

    /** A search for a missing layer has found it served by another node, or not any more. */
    void elsewhereChanged(Digest layer, boolean elsewhere) {
        for (Document manifest : needing(layer)) {
            if (manifest.hasLayer(layer)) {
                manifest.unmet += elsewhere ? -1 : 1;
                reconsider(manifest);
            }
        }
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
        }
        listener.documentKnown(digest);
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
                for (Document.Place place : document.places) {
                    place.index().countUsable(place.choice(), usable ? 1 : -1);
                    toLookAt.add(place.index());
                }
                document.tags.forEach(listener::tagChanged);
            }
        }
    }

    /** Carries downwards which documents are in use, and so which missing layers are worth a search. */
    private void refocus(Document changed) {
        Deque<Document> toLookAt = new ArrayDeque<>(List.of(changed));
        while (!toLookAt.isEmpty()) {
            Document document = toLookAt.remove();
            boolean active = document.isInUse() && present.contains(document.digest);
            if (document.needs instanceof ImageNeeds.OfIndex index) {
                int chosen = active ? document.firstPresent() : Document.NONE;
                if (chosen != document.chosen) {
                    toLookAt.addAll(choose(index, document.chosen, -1));
                    toLookAt.addAll(choose(index, chosen, 1));
                    document.chosen = chosen;
                }
            } else if (document.needs instanceof ImageNeeds.OfImage image) {
                boolean asks = active && present.contains(image.config());
                if (asks != document.asks) {
                    document.asks = asks;
                    image.layers().forEach(this::updateSearch);
                }
            }
        }
    }

    private List<Document> choose(ImageNeeds.OfIndex index, int choice, int change) {
        if (choice == Document.NONE) {
            return List.of();
        }
        List<Document> children =
                index.choices().get(choice).stream().map(this::documentOf).toList();
        children.forEach(child -> child.choosers += change);
        return children;
    }

    private void updateSearch(Digest layer) {
        if (!present.contains(layer)
                && needing(layer).stream().anyMatch(manifest -> manifest.asks && manifest.hasLayer(layer))) {
            missing.add(layer);
        } else if (missing.remove(layer)) {
            elsewhereChanged(layer, false);
        }
    }

    private Collection<Document> needing(Digest digest) {
        return manifestsNeeding.getOrDefault(digest, List.of());
    }

    private void forgetUnnamed(Document first) {
        Deque<Document> toLookAt = new ArrayDeque<>(List.of(first));
        while (!toLookAt.isEmpty()) {
            Document document = toLookAt.remove();
            if (document.isNamed() || documents.remove(document.digest) == null) {
                continue;
            }
            unread.remove(document.digest);
            if (document.needs instanceof ImageNeeds.OfIndex index) {
                for (List<Digest> choice : index.choices()) {
                    for (Digest name : choice) {
                        Document child = documentOf(name);
                        child.places.removeIf(place -> place.index() == document);
                        toLookAt.add(child);
                    }
                }
            } else if (document.needs instanceof ImageNeeds.OfImage image) {
                unrequire(document, image.config());
                image.layers().forEach(layer -> unrequire(document, layer));
            }
        }
    }

    private void unrequire(Document manifest, Digest need) {
        manifestsNeeding.computeIfPresent(need, (key, needing) -> {
            needing.remove(manifest);
            return needing.isEmpty() ? null : needing;
        });
    }

    boolean isPresent(Digest digest) {
        return present.contains(digest);
    }

    Set<Digest> present() {
        return Collections.unmodifiableSet(present);
    }

    Set<TagReference> tags() {
        return Collections.unmodifiableSet(tags.keySet());
    }

    /** What is known of content that a tag leads to. */
    Optional<Document> document(Digest digest) {
        return Optional.ofNullable(documents.get(digest));
    }

    /** What a tag names; empty if there is no such tag. */
    Optional<Document> root(TagReference tag) {
        return Optional.ofNullable(tags.get(tag)).flatMap(this::document);
    }

    boolean isPullable(TagReference tag) {
        return root(tag).filter(document -> document.usable).isPresent();
    }
}
