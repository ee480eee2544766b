package dev.spegel.containerd;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A containerd that tests run against. Where it is missing its tests are left out, and one line says why. */
enum ContainerdRelease {
    /** The one on the PATH; Debian stable has 1.6. */
    INSTALLED {
        @Override
        Optional<Path> find() {
            return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                    .map(Path::of)
                    .filter(ContainerdRelease::hasBoth)
                    .findFirst();
        }
    },
    /** The one that bin/test unpacks from Debian unstable: 2.1 or later. */
    UNSTABLE {
        @Override
        Optional<Path> find() {
            return Optional.ofNullable(System.getProperty("spegel.containerd.unstable"))
                    .map(Path::of)
                    .filter(ContainerdRelease::hasBoth);
        }
    };

    private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

    /** The directory of its programs, if it is here. */
    abstract Optional<Path> find();

    Path binaries() {
        return find().orElseThrow();
    }

    /** Skips the caller's tests if this machine can't run it. */
    void assumeUsable() throws IOException {
        assume(find().isPresent(), "containerd and ctr, " + this);
        Path self = Path.of("/proc/self");
        assume(Files.exists(self) && Files.getAttribute(self, "unix:uid").equals(0), "root, on Linux");
    }

    private static boolean hasBoth(Path directory) {
        return Files.isExecutable(directory.resolve("containerd")) && Files.isExecutable(directory.resolve("ctr"));
    }

    private static void assume(boolean there, String need) {
        if (!there && SAID.add(need)) {
            System.err.println("Tests are left out that need " + need);
        }
        assumeThat(there).as(need).isTrue();
    }
}
