package dev.spegel.registry;

import dev.spegel.oci.store.ContentStore;
import dev.spegel.oci.store.StoreException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which registries metrics name. What a client writes into a query doesn't become a label: a registry has its own if the settings
 * name it, it is one that many clusters pull from, or the store has an image of it. All others share {@link #OTHER}. Safe for use by
 * many threads.
 */
final class RegistryLabels {
    static final String OTHER = "other";

    /** More registries than a cluster pulls from; beyond them the store's share {@link #OTHER} too. */
    static final int MAX_OF_STORE = 50;

    /** Registries that are open to all, or a vendor's to its customers. */
    private static final Set<String> WELL_KNOWN = Set.of(
            "docker.io",
            "gcr.io",
            "ghcr.io",
            "mcr.microsoft.com",
            "nvcr.io",
            "public.ecr.aws",
            "quay.io",
            "registry.access.redhat.com",
            "registry.gitlab.com",
            "registry.k8s.io",
            "registry.redhat.io",
            "registry.suse.com");

    /** A store lists its images in milliseconds; this often, whatever names clients invent. */
    static final Duration LOOK_INTERVAL = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(RegistryLabels.class);

    private final ContentStore store;
    private final Set<String> named;
    private final LongSupplier nanoClock;
    private final AtomicLong nextLookNanos;
    private final Set<String> ofStore = ConcurrentHashMap.newKeySet();

    /** @param named by the settings */
    RegistryLabels(ContentStore store, Set<String> named, LongSupplier nanoClock) {
        this.store = store;
        this.named = Set.copyOf(named);
        this.nanoClock = nanoClock;
        nextLookNanos = new AtomicLong(nanoClock.getAsLong());
    }

    /** The label for requests that name this registry, or none. */
    String of(Optional<String> registry) {
        return registry.filter(this::isKnown).orElse(OTHER);
    }

    private boolean isKnown(String registry) {
        if (WELL_KNOWN.contains(registry) || named.contains(registry) || ofStore.contains(registry)) {
            return true;
        }
        long nowNanos = nanoClock.getAsLong();
        long dueNanos = nextLookNanos.get();
        if (nowNanos - dueNanos < 0 || !nextLookNanos.compareAndSet(dueNanos, nowNanos + LOOK_INTERVAL.toNanos())) {
            return false;
        }
        look();
        return ofStore.contains(registry);
    }

    /** What was in the store once stays: a series that comes and goes is of no use. */
    private void look() {
        try {
            Set<String> found = store.images().stream()
                    .map(image -> image.name().registry())
                    .collect(Collectors.toSet());
            for (String registry : found) {
                if (ofStore.size() < MAX_OF_STORE) { // one caller at a time gets here
                    ofStore.add(registry);
                }
            }
        } catch (StoreException e) {
            LOG.debug("the store doesn't tell its images: {}", e.getMessage());
        }
    }
}
