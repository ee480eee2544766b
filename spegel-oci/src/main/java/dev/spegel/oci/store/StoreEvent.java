package dev.spegel.oci.store;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;

/** One change of a store. A tag that moves is removed from its old digest, then added with the new one. */
public sealed interface StoreEvent {
    /** Content that {@link ContentStore#open} gives from now on. */
    record ContentAdded(Digest digest) implements StoreEvent {
        public ContentAdded {
            requireNonNull(digest, "digest");
        }
    }

    /** Content that is gone. */
    record ContentRemoved(Digest digest) implements StoreEvent {
        public ContentRemoved {
            requireNonNull(digest, "digest");
        }
    }

    /** A tag and the digest that it names from now on. */
    record TagAdded(TagReference tag, Digest digest) implements StoreEvent {
        public TagAdded {
            requireNonNull(tag, "tag");
            requireNonNull(digest, "digest");
        }
    }

    /** A tag and the digest that it named until now. */
    record TagRemoved(TagReference tag, Digest digest) implements StoreEvent {
        public TagRemoved {
            requireNonNull(tag, "tag");
            requireNonNull(digest, "digest");
        }
    }
}
