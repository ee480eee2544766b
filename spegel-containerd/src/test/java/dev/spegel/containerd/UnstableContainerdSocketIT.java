package dev.spegel.containerd;

import java.nio.file.Path;
import java.time.Duration;

/** containerd 2.1 or later, whose content directory can't be seen. */
class UnstableContainerdSocketIT extends ContainerdStoreContract {
    UnstableContainerdSocketIT() {
        super(ContainerdRelease.UNSTABLE);
    }

    @Override
    ContainerdConfig config(ContainerdDaemon running) {
        return running.config()
                .withContentDirectory(Path.of("/nowhere/content"))
                .withRelistInterval(Duration.ofMillis(100));
    }
}
