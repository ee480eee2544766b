package dev.spegel.registry;

import java.util.List;
import java.util.Optional;

/** Whether a node can do its work. */
@FunctionalInterface
public interface Health {
    /** Why the node isn't ready, in one line; empty if it is. Must not block. Called by many threads. */
    Optional<String> notReadyBecause();

    /** What an operator should know besides, each in one line, whether the node is ready or not. As {@link #notReadyBecause}. */
    default List<String> remarks() {
        return List.of();
    }
}
