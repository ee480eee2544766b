package dev.spegel.agent.inspect;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * The tags that a node has told the network of, and those that it hasn't.
 *
 * @param advertised how many it has told
 * @param tags these, or the first {@link NodeView#MAX_TAGS} of them, as {@code docker.io/library/app:1.0}
 * @param heldBack some that it has and doesn't advertise, {@link NodeView#MAX_HELD_BACK} at most; not those that its filters leave out
 */
public record TagsReport(int advertised, List<String> tags, List<HeldBack> heldBack) {
    public TagsReport {
        tags = List.copyOf(tags);
        heldBack = List.copyOf(heldBack);
    }

    /**
     * A tag that isn't advertised.
     *
     * @param reason for programs: {@code manifest-missing}, {@code unread}, {@code no-image}, {@code config-missing},
     *     {@code layer-missing} or {@code not-told-yet}
     * @param why the same for people, and what content it speaks of
     */
    public record HeldBack(String tag, String reason, String why) {
        public HeldBack {
            requireNonNull(tag, "tag");
            requireNonNull(reason, "reason");
            requireNonNull(why, "why");
        }
    }
}
