package dev.spegel.routing;

import dev.spegel.oci.Digest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What must be there for a manifest or an index to be of use. */
sealed interface ImageNeeds {
    /** What tags name that is neither a manifest nor an index, or is damaged: a client can't make use of it. */
    ImageNeeds OF_NO_IMAGE = new OfNoImage();

    /**
     * A manifest: its config and all layers.
     *
     * @param layers each once; not the config, which an artifact may name as a layer too
     */
    record OfImage(Digest config, List<Digest> layers) implements ImageNeeds {
        public OfImage {
            Set<Digest> others = new LinkedHashSet<>(layers);
            others.remove(config);
            layers = List.copyOf(others);
        }
    }

    /**
     * An index: what it names, by how much this node would like it, the best first. The first choice of which the store has
     * something is the one that counts, and one image of that is enough. An index that names nothing needs nothing.
     *
     * @param choices none empty; each digest once, in the best that it was given in
     */
    record OfIndex(List<List<Digest>> choices) implements ImageNeeds {
        public OfIndex {
            Set<Digest> seen = new HashSet<>();
            List<List<Digest>> distinct = new ArrayList<>();
            for (List<Digest> choice : choices) {
                List<Digest> unseen = choice.stream().filter(seen::add).toList();
                if (!unseen.isEmpty()) {
                    distinct.add(unseen);
                }
            }
            choices = List.copyOf(distinct);
        }
    }

    /** Nothing would help. */
    record OfNoImage() implements ImageNeeds {}
}
