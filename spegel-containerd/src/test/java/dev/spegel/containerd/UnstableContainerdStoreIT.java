package dev.spegel.containerd;

import java.time.Duration;

/** containerd 2.1 or later. */
class UnstableContainerdStoreIT extends ContainerdStoreContract {
    UnstableContainerdStoreIT() {
        super(ContainerdRelease.UNSTABLE);
    }

    @Override
    ContainerdConfig config(ContainerdDaemon running) {
        return running.config().withRelistInterval(Duration.ofHours(1));
    }
}
