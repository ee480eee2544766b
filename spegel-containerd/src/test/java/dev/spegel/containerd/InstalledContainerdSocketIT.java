package dev.spegel.containerd;

import java.nio.file.Path;
import java.time.Duration;

/** containerd 1.6, on Debian stable, whose content directory can't be seen. */
class InstalledContainerdSocketIT extends ContainerdStoreContract {
    InstalledContainerdSocketIT() {
        super(ContainerdRelease.INSTALLED);
    }

    /** Nothing tells of content that no image names, so it takes listing. */
    @Override
    ContainerdConfig config(ContainerdDaemon running) {
        return running.config()
                .withContentDirectory(Path.of("/nowhere/content"))
                .withRelistInterval(Duration.ofMillis(100));
    }
}
