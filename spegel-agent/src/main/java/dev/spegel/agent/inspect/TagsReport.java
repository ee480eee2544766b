package dev.spegel.agent.inspect;

import java.util.List;

/**
 * The tags that a node has told the network of.
 *
 * @param advertised how many there are
 * @param tags these, or the first {@link NodeView#MAX_TAGS} of them, as {@code docker.io/library/app:1.0}
 */
public record TagsReport(int advertised, List<String> tags) {
    public TagsReport {
        tags = List.copyOf(tags);
    }
}
