package dev.spegel.agent;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/** Where an agent's images are. */
public sealed interface StoreConfig {
    /** An OCI image layout directory, which must be there. */
    record OciLayout(Path directory) implements StoreConfig {
        public OciLayout {
            requireNonNull(directory, "directory");
        }
    }
}
