package dev.spegel.agent.doctor;

import static java.util.Objects.requireNonNull;

import dev.spegel.containerd.mirror.RegistryHost;
import java.util.List;
import java.util.Map;

/**
 * Who is configured to be asked for images.
 *
 * @param registries by the name of their directory, in order; unknown where containerd would ignore the file
 * @param answers what each of the hosts says that was asked
 */
record MirrorHosts(Map<String, Fact<List<RegistryHost>>> registries, Map<String, Fact<Answer>> answers) {
    MirrorHosts {
        requireNonNull(registries, "registries");
        answers = Map.copyOf(answers);
    }

    /**
     * What a host says to {@code GET /v2/}.
     *
     * @param instance which agent it is; empty if it is none of ours
     */
    record Answer(int status, String instance) {
        Answer {
            requireNonNull(instance, "instance");
        }
    }
}
