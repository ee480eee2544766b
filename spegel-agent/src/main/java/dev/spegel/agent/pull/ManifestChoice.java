package dev.spegel.agent.pull;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Platform;
import java.util.List;
import java.util.function.Predicate;

/** Says which of the manifests that an index names to pull. Not asked for an image that is a manifest by itself. */
@FunctionalInterface
public interface ManifestChoice {
    /** All, for whatever platform. */
    ManifestChoice ALL = manifests -> manifests;

    /** @throws PullException if none will do */
    List<Descriptor> from(List<Descriptor> manifests) throws PullException;

    /** Those that pass the test. */
    static ManifestChoice those(Predicate<Descriptor> wanted) {
        return manifests -> manifests.stream().filter(wanted).toList();
    }

    /** The one that a node of this platform pulls: {@link Platform#runnable}. All of an index that names no platforms. */
    static ManifestChoice platform(Platform platform) {
        return manifests -> {
            List<Descriptor> described = manifests.stream()
                    .filter(manifest -> manifest.platform().isPresent())
                    .toList();
            if (described.isEmpty()) {
                return manifests;
            }
            for (Platform runs : platform.runnable()) {
                for (Descriptor manifest : described) {
                    if (runs.matches(manifest.platform().orElseThrow())) {
                        return List.of(manifest);
                    }
                }
            }
            List<String> there = described.stream()
                    .map(manifest -> manifest.platform().orElseThrow().toString())
                    .filter(name -> !name.startsWith("unknown/")) // attestations
                    .distinct()
                    .toList();
            throw new PullException("it is for %s, not for %s".formatted(String.join(", ", there), platform));
        };
    }
}
