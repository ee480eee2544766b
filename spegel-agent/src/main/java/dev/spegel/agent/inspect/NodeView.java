package dev.spegel.agent.inspect;

import java.io.IOException;

/** What a running agent says of itself. Safe for use by many threads. */
public interface NodeView {
    /** The tags that a report names at most; of more, only the number is told. */
    int MAX_TAGS = 10_000;

    /** How it is doing. */
    StatusReport status() throws IOException, InterruptedException;

    /** What it advertises. */
    TagsReport tags() throws IOException, InterruptedException;
}
