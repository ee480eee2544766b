package dev.spegel.agent;

import static java.util.Objects.requireNonNull;

import dev.spegel.containerd.ContainerdConfig;
import java.nio.file.Path;

/** Where an agent's images are. */
public sealed interface StoreConfig {
    /** An OCI image layout directory, which must be there. */
    record OciLayout(Path directory) implements StoreConfig {
        public OciLayout {
            requireNonNull(directory, "directory");
        }
    }

    /** This node's containerd, which needn't run yet. */
    record Containerd(ContainerdConfig config) implements StoreConfig {
        public Containerd {
            requireNonNull(config, "config");
        }
    }
}
