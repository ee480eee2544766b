package dev.spegel.agent.inspect;

import static java.util.Objects.requireNonNull;

import dev.spegel.routing.HeldBackTag;
import java.util.List;
import java.util.Locale;

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
     *     {@code layer-missing} or {@code not-told-yet}; of a tag that was asked for by name also {@code filtered}
     * @param why the same for people, and what content it speaks of
     */
    public record HeldBack(String tag, String reason, String why) {
        public HeldBack {
            requireNonNull(tag, "tag");
            requireNonNull(reason, "reason");
            requireNonNull(why, "why");
        }

        /** The same for a reader. */
        public static HeldBack of(HeldBackTag held) {
            return new HeldBack(
                    held.tag().toString(),
                    held.reason().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                    held.reason().text()
                            + held.content().map(digest -> ", " + digest).orElse(""));
        }
    }
}
