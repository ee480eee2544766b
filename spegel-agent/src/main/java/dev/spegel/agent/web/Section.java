package dev.spegel.agent.web;

import java.io.IOException;

/** A part of the page. Safe for use by many threads. */
interface Section {
    /** In links; letters only. */
    String id();

    String title();

    /** How often a browser asks for it again, in seconds; 0 if it doesn't change. */
    int refreshSeconds();

    /**
     * Writes what there is to see.
     *
     * @param question what the page's address says besides its path
     */
    void write(Html html, Question question) throws IOException, InterruptedException;
}
