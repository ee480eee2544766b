package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import java.util.Optional;

/**
 * A tag that a node has and doesn't advertise.
 *
 * @param content what the reason speaks of, if that is content
 */
public record HeldBackTag(TagReference tag, Reason reason, Optional<Digest> content) {
    public HeldBackTag {
        requireNonNull(tag, "tag");
        requireNonNull(reason, "reason");
        requireNonNull(content, "content");
    }

    /** Why. */
    public enum Reason {
        FILTERED("the filters leave its registry, repository or tag out"),
        MANIFEST_MISSING("a manifest isn't here"),
        UNREAD("a manifest hasn't been read yet, or can't be read now"),
        NO_IMAGE("what it names is no manifest and no index, or is damaged"),
        CONFIG_MISSING("the config isn't here"),
        LAYER_MISSING("a layer isn't here, and no other node was found to serve it"),
        NOT_TOLD_YET("the network is about to be told");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        /** A sentence without its full stop, for people. */
        public String text() {
            return text;
        }
    }

    /** One line for people. */
    @Override
    public String toString() {
        return "%s: %s%s"
                .formatted(
                        tag, reason.text(), content.map(digest -> ", " + digest).orElse(""));
    }
}
