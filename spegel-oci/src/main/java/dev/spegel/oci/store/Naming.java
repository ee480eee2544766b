package dev.spegel.oci.store;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.store.CheckedDocument.Named;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What all descriptors of a layout say of each blob. */
final class Naming {
    private final Map<Digest, List<Named>> byDigest = new HashMap<>();

    void add(Descriptor descriptor) {
        add(Named.of(descriptor));
    }

    /** Keeps one of several that say the same. */
    void add(Named named) {
        List<Named> known = byDigest.computeIfAbsent(named.digest(), digest -> new ArrayList<>(1));
        if (!known.contains(named)) {
            known.add(named);
        }
    }

    boolean names(Digest digest) {
        return byDigest.containsKey(digest);
    }

    /** For content that wasn't hashed: a size that nobody gives it is the one fault that shows. */
    Optional<String> faultOfLarge(Digest digest, long sizeBytes) {
        List<Named> named = byDigest.getOrDefault(digest, List.of());
        if (named.isEmpty() || named.stream().anyMatch(n -> n.sizeBytes() == sizeBytes)) {
            return Optional.empty();
        }
        return Optional.of("has %d bytes, but what names it says %d"
                .formatted(sizeBytes, named.get(0).sizeBytes()));
    }

    /** For content with the right hash, so that a wrong size would be the fault of who names it. */
    Optional<String> faultOfDocument(Digest digest, MediaType type, long sizeBytes) {
        List<Named> named = byDigest.getOrDefault(digest, List.of());
        if (!type.isManifest() && !named.isEmpty() && named.stream().allMatch(Named::manifest)) {
            return Optional.of("is named as a manifest or index, but isn't one");
        }
        return faultOfLarge(digest, sizeBytes);
    }
}
