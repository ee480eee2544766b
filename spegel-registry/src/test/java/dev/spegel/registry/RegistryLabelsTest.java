package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.MemoryStore;
import dev.spegel.testkit.ManualClock;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RegistryLabelsTest {
    private final MemoryStore store = new MemoryStore();
    private final ManualClock clock = new ManualClock();
    private final RegistryLabels labels = new RegistryLabels(store, Set.of("mirrored.example"), clock);

    private void addImageOf(String registry) {
        Digest manifest = store.put("{\"schemaVersion\":2,\"manifests\":[]}".getBytes(StandardCharsets.UTF_8));
        store.tag(new TagReference(registry, "team/app", "1.0"), manifest);
    }

    private String label(String registry) {
        return labels.of(Optional.of(registry));
    }

    @Test
    void registriesThatClientsInventHaveNone() {
        for (int i = 0; i < 1000; i++) {
            assertThat(label("r" + i + ".example")).isEqualTo(RegistryLabels.OTHER);
        }
        assertThat(labels.of(Optional.empty())).isEqualTo(RegistryLabels.OTHER);
        assertThat(label("docker.io")).isEqualTo("docker.io");
        assertThat(label("mirrored.example")).isEqualTo("mirrored.example");
    }

    @Test
    void registriesOfImagesHaveTheirOwn() {
        addImageOf("registry.example");
        assertThat(label("registry.example")).isEqualTo("registry.example");
        assertThat(label("elsewhere.example")).isEqualTo(RegistryLabels.OTHER);
        addImageOf("elsewhere.example");
        assertThat(label("elsewhere.example")).as("looked for a moment ago").isEqualTo(RegistryLabels.OTHER);
        clock.advance(RegistryLabels.LOOK_INTERVAL);
        assertThat(label("elsewhere.example")).isEqualTo("elsewhere.example");
    }

    @Test
    void oneThatHasALabelKeepsIt() {
        addImageOf("registry.example");
        assertThat(label("registry.example")).isEqualTo("registry.example");
        store.untag(new TagReference("registry.example", "team/app", "1.0"));
        clock.advance(RegistryLabels.LOOK_INTERVAL);
        assertThat(label("unknown.example")).isEqualTo(RegistryLabels.OTHER);
        assertThat(label("registry.example")).isEqualTo("registry.example");
    }

    @Test
    void imagesOfManyRegistriesAreBoundedToo() {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < RegistryLabels.MAX_OF_STORE + 10; i++) {
            addImageOf("r" + i + ".example");
        }
        for (int i = 0; i < RegistryLabels.MAX_OF_STORE + 10; i++) {
            seen.add(label("r" + i + ".example"));
        }
        assertThat(seen).hasSize(RegistryLabels.MAX_OF_STORE + 1).contains(RegistryLabels.OTHER);
    }

    @Test
    void storeThatFailsLeavesThemAsTheyAre() {
        store.close();
        assertThat(label("registry.example")).isEqualTo(RegistryLabels.OTHER);
    }
}
