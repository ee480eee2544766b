package dev.spegel.routing;

import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A manifest or an index that a tag leads to, with its place in the graph that {@link TaggedImages} keeps. */
final class Document {
    /** That there is nothing to choose from. */
    static final int NONE = -1;

    final Digest digest;
    final Set<TagReference> tags = new HashSet<>(2);
    final List<Place> places = new ArrayList<>(1);
    /** What it needs, once it has been read. */
    @Nullable
    ImageNeeds needs;

    boolean usable;

    /** How many indexes in use have chosen this. */
    int choosers;

    /** A manifest's config and layers that nobody is known to serve. */
    int unmet;
    /** Whether its missing layers are worth a search: a manifest in use, there with its config. */
    boolean asks;

    /** An index's children that are there, and usable, by choice. */
    private int[] present = {};

    private int[] usableChildren = {};
    /** The choice that an index in use has made. */
    int chosen = NONE;

    /** Where an index names a document. */
    record Place(Document index, int choice) {}

    Document(Digest digest) {
        this.digest = digest;
    }

    /** For an index: how many choices there are. */
    void makeIndex(int choices) {
        present = new int[choices];
        usableChildren = new int[choices];
    }

    void countPresent(int choice, int change) {
        present[choice] += change;
    }

    void countUsable(int choice, int change) {
        usableChildren[choice] += change;
    }

    /** The best choice of which something is there, or {@link #NONE}. */
    int firstPresent() {
        for (int choice = 0; choice < present.length; choice++) {
            if (present[choice] > 0) {
                return choice;
            }
        }
        return NONE;
    }

    /** Whether anybody names this. */
    boolean isNamed() {
        return !tags.isEmpty() || !places.isEmpty();
    }

    /** Whether a tag leads to this by the choices made: nobody pulls it otherwise. */
    boolean isInUse() {
        return !tags.isEmpty() || choosers > 0;
    }

    /** Whether it would be usable if it is there itself. */
    boolean isSatisfied() {
        if (needs instanceof ImageNeeds.OfImage) {
            return unmet == 0;
        }
        if (needs instanceof ImageNeeds.OfIndex index) {
            int first = firstPresent();
            return index.choices().isEmpty() || (first != NONE && usableChildren[first] > 0);
        }
        return false;
    }

    /** Whether this is a manifest with this layer, and it isn't the config as well. */
    boolean hasLayer(Digest need) {
        return needs instanceof ImageNeeds.OfImage image && !image.config().equals(need);
    }
}
