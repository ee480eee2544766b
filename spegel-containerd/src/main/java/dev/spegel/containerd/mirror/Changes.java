package dev.spegel.containerd.mirror;

import java.util.List;

/**
 * What a call has changed.
 *
 * @param backedUp entries that were put into the backup
 * @param written registries whose configuration is new, or as it was before; not those that had it already
 * @param removed entries that aren't there any more
 */
public record Changes(List<String> backedUp, List<String> written, List<String> removed) {
    public Changes {
        backedUp = List.copyOf(backedUp);
        written = List.copyOf(written);
        removed = List.copyOf(removed);
    }

    /** Whether all was as it should be. */
    public boolean isEmpty() {
        return backedUp.isEmpty() && written.isEmpty() && removed.isEmpty();
    }
}
