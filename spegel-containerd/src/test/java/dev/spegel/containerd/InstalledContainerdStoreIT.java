package dev.spegel.containerd;

import java.time.Duration;

/** containerd 1.6, on Debian stable. */
class InstalledContainerdStoreIT extends ContainerdStoreContract {
    InstalledContainerdStoreIT() {
        super(ContainerdRelease.INSTALLED);
    }

    /** Longer than any test may take, so that what they see comes from being told, not from listing. */
    @Override
    ContainerdConfig config(ContainerdDaemon running) {
        return running.config().withRelistInterval(Duration.ofHours(1));
    }
}
