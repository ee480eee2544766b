package dev.spegel.agent.inspect;

import java.io.IOException;

/** What a running agent says of itself. Safe for use by many threads. */
public interface NodeView {
    /** The tags that a report names at most; of more, only the number is told. */
    int MAX_TAGS = 10_000;

    /** The tags not advertised that a report names at most: enough to see what is wrong. */
    int MAX_HELD_BACK = 100;

    /** How it is doing. */
    StatusReport status() throws IOException, InterruptedException;

    /** What it advertises, and what not. */
    TagsReport tags() throws IOException, InterruptedException;

    /** Which images it has, a page of them. */
    ImagesReport images(ImagesRequest request) throws IOException, InterruptedException;
}
