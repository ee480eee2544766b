package dev.spegel.e2e;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What the plays need of this machine. */
final class Needs {
    private static final List<String> PROGRAMS =
            List.of("ip", "nsenter", "unshare", "bash", "tar", "containerd", "ctr", "skopeo", "docker-registry");

    private Needs() {}

    /** The first thing that is missing. */
    static Optional<String> lacking() throws IOException {
        Path self = Path.of("/proc/self");
        if (!Files.exists(self) || !Files.getAttribute(self, "unix:uid").equals(0)) {
            return Optional.of("root, on Linux");
        }
        return PROGRAMS.stream()
                .filter(program -> !isInstalled(program))
                .map(program -> program + " on the PATH")
                .findFirst();
    }

    private static boolean isInstalled(String program) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }
}
