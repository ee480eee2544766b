package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.StoreSnapshot;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * What a store holds, which of its tags a client could pull ({@link TaggedImages}), and what the network is still to be told of that.
 * Pure state: no I/O, and time is told; for one thread.
 */
final class Advertisable implements TaggedImages.Listener {
    private final Predicate<TagReference> admitted;
    private final MissingLayers missing;
    private final TaggedImages images;
    private final Set<TagReference> newlyHeldBack = new LinkedHashSet<>();

    final Announcements<Digest> blobs = new Announcements<>();
    final Announcements<Digest> manifests = new Announcements<>();
    final Announcements<TagReference> pullableTags = new Announcements<>();

    /**
     * @param admitted which tags may be advertised at all
     * @param random spreads repeated look-ups
     */
    Advertisable(Predicate<TagReference> admitted, MissingLayerConfig config, RandomGenerator random) {
        this.admitted = requireNonNull(admitted, "admitted");
        this.missing = new MissingLayers(config, random);
        this.images = new TaggedImages(this, missing);
    }

    /** Turns what is known into what the store holds now. */
    void reconcile(StoreSnapshot now) {
        now.content().forEach(this::addContent);
        for (TagReference tag : List.copyOf(images.tags())) {
            if (!now.tags().containsKey(tag)) {
                removeTag(tag);
            }
        }
        now.tags().forEach(this::addTag);
        for (Digest digest : List.copyOf(images.present())) {
            if (!now.content().contains(digest)) {
                removeContent(digest);
            }
        }
    }

    void addContent(Digest digest) {
        if (images.isPresent(digest)) {
            return;
        }
        // Once told as a blob, always a blob: moving it would only have it told twice.
        boolean asManifest =
                manifests.concern(digest) || (images.document(digest).isPresent() && !blobs.concern(digest));
        (asManifest ? manifests : blobs).want(digest);
        images.addContent(digest);
    }

    void removeContent(Digest digest) {
        if (images.removeContent(digest)) {
            blobs.unwant(digest);
            manifests.unwant(digest);
        }
    }

    void addTag(TagReference tag, Digest root) {
        if (admitted.test(tag)) {
            images.addTag(tag, root);
        }
    }

    void removeTag(TagReference tag) {
        images.removeTag(tag);
    }

    /** Documents that are present and needed, and whose needs {@link #read} hasn't told yet. */
    List<Digest> unread() {
        return images.unread();
    }

    /** Tells what a document needs. Ignored if nobody wants to know any more. */
    void read(Digest digest, ImageNeeds needs) {
        images.read(digest, needs);
    }

    /** Missing layers to look up now; each is given once, until {@link #lookedUp} tells whether another node serves it. */
    List<Digest> layersToLookUp(long nowNanos, int max) {
        return missing.takeDue(nowNanos, max);
    }

    void lookedUp(Digest layer, boolean found, long nowNanos) {
        if (missing.lookedUp(layer, found, nowNanos)) {
            images.elsewhereChanged(layer, found);
        }
    }

    /** Nothing can be looked up, so what was found some time ago isn't believed any more. */
    void loseLayersDue(long nowNanos) {
        missing.loseDue(nowNanos).forEach(layer -> images.elsewhereChanged(layer, false));
    }

    /** How long there is nothing to look up, if nothing changes. */
    Duration untilLookup(long nowNanos) {
        return missing.untilDue(nowNanos);
    }

    @Override
    public void documentKnown(Digest digest) {
        if (images.isPresent(digest) && blobs.isNews(digest)) {
            blobs.unwant(digest);
            manifests.want(digest);
        }
    }

    @Override
    public void tagChanged(TagReference tag) {
        if (images.isPullable(tag)) {
            // A tag that was told for other content (it moved, or this node's platform came) mustn't stay while that is
            // yet to be told.
            if (images.root(tag).filter(this::isContentTold).isPresent()) {
                pullableTags.want(tag);
            } else {
                pullableTags.wantAnew(tag);
            }
            newlyHeldBack.remove(tag);
        } else {
            pullableTags.unwant(tag);
            if (images.tags().contains(tag)) {
                newlyHeldBack.add(tag);
            } else {
                newlyHeldBack.remove(tag);
            }
        }
    }

    boolean isSettled() {
        return blobs.isSettled() && manifests.isSettled() && pullableTags.isSettled();
    }

    /** Goes through all that is advertised: in proportion to that. */
    AdvertisedNumbers numbers() {
        return AdvertisedCount.of(this, images);
    }

    boolean isTold(Digest digest) {
        return blobs.told().contains(digest) || manifests.told().contains(digest);
    }

    /** Whether the network knows, of a usable document, itself and all that makes it usable. */
    private boolean isContentTold(Document root) {
        Deque<Document> toLookAt = new ArrayDeque<>(List.of(root));
        while (!toLookAt.isEmpty()) {
            Document document = toLookAt.remove();
            if (!isTold(document.digest)) {
                return false;
            }
            if (document.needs instanceof ImageNeeds.OfImage image) {
                return isTold(image.config()) && image.layers().stream().allMatch(this::isToldOrElsewhere);
            }
            if (document.needs instanceof ImageNeeds.OfIndex index
                    && !index.choices().isEmpty()) {
                index.choices().get(document.firstPresent()).stream()
                        .flatMap(child -> images.document(child).stream())
                        .filter(child -> child.usable)
                        .findFirst()
                        .ifPresent(toLookAt::add);
            }
        }
        return true;
    }

    private boolean isToldOrElsewhere(Digest layer) {
        return images.isPresent(layer) ? isTold(layer) : missing.isElsewhere(layer);
    }

    /** Why a tag isn't advertised; empty if it is, or if there is no such tag. */
    Optional<HeldBackTag> whyNot(TagReference tag) {
        if (!admitted.test(tag)) {
            return Optional.of(new HeldBackTag(tag, HeldBackTag.Reason.FILTERED, Optional.empty()));
        }
        return whyHeldBack(tag);
    }

    /** The same for a tag that the filter admits, which takes it some time to tell. */
    Optional<HeldBackTag> whyHeldBack(TagReference tag) {
        return images.root(tag).flatMap(root -> whyHeldBack(tag, root));
    }

    private Optional<HeldBackTag> whyHeldBack(TagReference tag, Document root) {
        if (!root.usable) {
            return Optional.of(whatKeepsBack(tag, root));
        }
        return pullableTags.told().contains(tag)
                ? Optional.empty()
                : Optional.of(new HeldBackTag(tag, HeldBackTag.Reason.NOT_TOLD_YET, Optional.empty()));
    }

    /** Goes down from a document that isn't usable to the first thing that keeps it from that. */
    private HeldBackTag whatKeepsBack(TagReference tag, Document root) {
        Document document = root;
        while (true) {
            if (!images.isPresent(document.digest)) {
                return new HeldBackTag(tag, HeldBackTag.Reason.MANIFEST_MISSING, Optional.of(document.digest));
            }
            if (document.needs instanceof ImageNeeds.OfImage image) {
                return whatKeepsBack(tag, image);
            }
            if (!(document.needs instanceof ImageNeeds.OfIndex index)) {
                HeldBackTag.Reason reason =
                        document.needs == null ? HeldBackTag.Reason.UNREAD : HeldBackTag.Reason.NO_IMAGE;
                return new HeldBackTag(tag, reason, Optional.of(document.digest));
            }
            // Not usable, so it names something.
            List<Digest> choice = index.choices().get(Math.max(0, document.firstPresent()));
            Digest next = choice.stream().filter(images::isPresent).findFirst().orElse(choice.get(0));
            document = images.document(next).orElseThrow();
        }
    }

    private HeldBackTag whatKeepsBack(TagReference tag, ImageNeeds.OfImage image) {
        if (!images.isPresent(image.config())) {
            return new HeldBackTag(tag, HeldBackTag.Reason.CONFIG_MISSING, Optional.of(image.config()));
        }
        Optional<Digest> lacking = image.layers().stream()
                .filter(layer -> !images.isPresent(layer) && !missing.isElsewhere(layer))
                .findFirst();
        return new HeldBackTag(tag, HeldBackTag.Reason.LAYER_MISSING, lacking);
    }

    /** The tags that aren't advertised, at most so many, in no order. Goes through all tags. */
    List<HeldBackTag> heldBack(int max) {
        return images.tags().stream()
                .flatMap(tag -> whyHeldBack(tag).stream())
                .limit(max)
                .toList();
    }

    /** The tags held back since this was asked last, at most so many; the others aren't given any more. */
    List<HeldBackTag> newlyHeldBack(int max) {
        List<HeldBackTag> some = new ArrayList<>();
        for (Iterator<TagReference> all = newlyHeldBack.iterator(); all.hasNext() && some.size() < max; ) {
            whyHeldBack(all.next()).ifPresent(some::add);
        }
        newlyHeldBack.clear();
        return some;
    }
}
