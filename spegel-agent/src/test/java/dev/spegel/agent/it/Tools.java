package dev.spegel.agent.it;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What these tests need of the machine. Where it's missing they are skipped, and one line says why. */
final class Tools {
    private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

    private Tools() {}

    /** Skips the caller's tests unless these programs are on the path. */
    static void assumeInstalled(String... programs) {
        for (String program : programs) {
            boolean found = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                    .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
            assume(found, program + " on the PATH");
        }
    }

    /** Skips the caller's tests unless this process may do what it likes. */
    static void assumeRoot() throws IOException {
        Path self = Path.of("/proc/self");
        assume(Files.exists(self) && Files.getAttribute(self, "unix:uid").equals(0), "root, on Linux");
    }

    /** Skips the caller's tests unless this holds. */
    static void assumeTrue(boolean there, String need) {
        assume(there, need);
    }

    private static void assume(boolean there, String need) {
        if (!there && SAID.add(need)) {
            System.err.println("Tests are left out that need " + need);
        }
        assumeThat(there).as(need).isTrue();
    }
}
