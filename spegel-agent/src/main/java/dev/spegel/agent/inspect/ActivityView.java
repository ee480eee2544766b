package dev.spegel.agent.inspect;

/** What a node's registry has done lately. Safe for use by many threads; doesn't block. */
public interface ActivityView {
    /** Requests that are remembered: a pull or two of large images. */
    int MAX_REQUESTS = 256;

    /** Minutes that are remembered, the running one included. */
    int MINUTES = 60;

    /** The requests that this node's clients made and its store couldn't answer. */
    RequestsReport requests();

    /** The last hour. */
    HistoryReport history();
}
