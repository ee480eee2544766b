package dev.spegel.oci.store;

import dev.spegel.oci.store.ImageImporter.Limits;

/** What is left of an import's limits. */
final class Allowance {
    private final Limits limits;
    private int entries;
    private long bytes;

    Allowance(Limits limits) {
        this.limits = limits;
    }

    /** @throws StoreException if that is more than is left */
    void spend(long sizeBytes) throws StoreException {
        entries++;
        if (entries > limits.maxEntries()) {
            throw new StoreException("there are more than %d files".formatted(limits.maxEntries()));
        }
        if (sizeBytes > limits.maxTotalBytes() - bytes) {
            throw new StoreException("the content has more than %d bytes in all".formatted(limits.maxTotalBytes()));
        }
        bytes += sizeBytes;
    }
}
