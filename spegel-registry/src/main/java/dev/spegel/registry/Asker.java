package dev.spegel.registry;

/** Who asks for content, as far as the answer depends on it. */
enum Asker {
    /** A containerd that has this node for a mirror: it alone names the registry in the query. */
    CONTAINERD,
    /** Another client of this node's own. */
    CLIENT,
    /** Another node's agent. */
    NODE,
    /** A client that another node sent here; or that node with a {@code HEAD}, which finds out whether it may send it. */
    REDIRECTED;

    /** Whether another node is behind it: then the answer comes from the store alone, and counts as upload. */
    boolean isOtherNode() {
        return this == NODE || this == REDIRECTED;
    }
}
