package dev.spegel.containerd.mirror;

import static dev.spegel.containerd.mirror.HostsTomlCase.corporateNode;
import static dev.spegel.containerd.mirror.HostsTomlCase.mirrors;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The power goes off at each step of a change, before it or halfway through it. */
class MirrorDirectoryCrashTest {
    /** With a directory before, after, both or neither, under either name. */
    private static final List<String> REGISTRIES = List.of(
            "docker.io", "ghcr.io", "new.example", "foo.bar:5000", "certs.only", "empty.example", "elsewhere.example");

    private static final MirrorConfiguration NAMED =
            mirrors("docker.io", "new.example", "https://foo.bar:5000", "certs.only");
    private static final Disk HEALTHY = new NioDisk(false);
    private static final MirrorConfiguration ALL = mirrors("*");

    @TempDir(factory = InMemory.class)
    private Path directory;

    private int copies;

    /**
     * @param before what has happened already
     * @param now what the power goes off in
     */
    record Scenario(String name, List<Change> before, Change now) {
        @Override
        public String toString() {
            return name;
        }
    }

    @FunctionalInterface
    interface Change {
        void make(MirrorDirectory directory) throws IOException;
    }

    private static Change to(MirrorConfiguration mirrors) {
        return directory -> directory.configure(mirrors);
    }

    private static Scenario scenario(String name, Change now, Change... before) {
        return new Scenario(name, List.of(before), now);
    }

    static Stream<Scenario> scenarios() {
        Change restore = MirrorDirectory::restore;
        return Stream.of(
                scenario("some registries", to(NAMED)),
                scenario("all registries", to(ALL)),
                scenario("some registries, prepended", to(NAMED.withPrependExisting(true))),
                scenario("all registries, prepended", to(ALL.withPrependExisting(true))),
                scenario("from some to all", to(ALL), to(NAMED)),
                scenario("from all to some", to(NAMED), to(ALL)),
                scenario("from in place to prepended", to(ALL.withPrependExisting(true)), to(NAMED)),
                scenario("from prepended to in place", to(NAMED), to(ALL.withPrependExisting(true))),
                scenario("other credentials", to(ALL.withAuthorization("Basic eA==")), to(ALL)),
                scenario("restored from some", restore, to(NAMED)),
                scenario("restored from all", restore, to(ALL)),
                scenario("restored from prepended", restore, to(NAMED.withPrependExisting(true))),
                scenario("restored from all prepended", restore, to(ALL.withPrependExisting(true))));
    }

    private Path node(Scenario scenario) throws IOException {
        Path root = directory.resolve("node-" + copies++);
        Trees.write(root, corporateNode());
        for (Change change : scenario.before()) {
            change.make(MirrorDirectory.on(root, HEALTHY));
        }
        return root;
    }

    /** What containerd finds for a registry: its hosts, and the files that they name. */
    private static String found(Path root, String registry) throws IOException {
        for (String name : MirroredRegistry.directories(registry)) {
            Path found = root.resolve(name);
            if (!Files.exists(found)) {
                continue;
            }
            SortedMap<String, String> files = Trees.read(found);
            String hosts = files.remove("hosts.toml");
            if (hosts != null) {
                files.keySet().removeIf(file -> !hosts.contains('"' + file + '"') && !hosts.contains("'" + file + "'"));
                return hosts + files;
            }
            return files.toString();
        }
        return "nothing";
    }

    private static Map<String, String> found(Path root) throws IOException {
        Map<String, String> found = new TreeMap<>();
        for (String registry : REGISTRIES) {
            found.put(registry, found(root, registry));
        }
        return found;
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void eachRegistryHasItsOldOrItsNewHosts(Scenario scenario) throws IOException {
        Path before = node(scenario);
        Map<String, String> old = found(before);
        Path after = node(scenario);
        CrashingDisk counting = CrashingDisk.never();
        scenario.now().make(MirrorDirectory.on(after, counting));
        Map<String, String> changed = found(after);
        assertThat(counting.steps()).as("steps in which the power can go off").isGreaterThan(5);
        assertThat(changed).isNotEqualTo(old);

        for (int step = 1; step <= counting.steps(); step++) {
            Path root = crashed(scenario, step, true);
            Map<String, String> now = found(root);
            for (String registry : REGISTRIES) {
                assertThat(now.get(registry))
                        .as("%s, step %d", registry, step)
                        .isIn(old.get(registry), changed.get(registry));
            }
            assertBackupIsWholeOrMissing(root);

            scenario.now().make(MirrorDirectory.on(root, HEALTHY));
            assertThat(Trees.read(root)).as("once more, after step %d", step).isEqualTo(Trees.read(after));
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void restoringAfterItGivesWhatWasThere(Scenario scenario) throws IOException {
        CrashingDisk counting = CrashingDisk.never();
        scenario.now().make(MirrorDirectory.on(node(scenario), counting));
        for (int step = 1; step <= counting.steps(); step++) {
            Path root = crashed(scenario, step, false);
            MirrorDirectory.on(root, HEALTHY).restore();
            assertThat(Trees.without(MirrorDirectory.STAGING, Trees.read(root)))
                    .as("after step %d", step)
                    .isEqualTo(new TreeMap<>(corporateNode()));
        }
    }

    private Path crashed(Scenario scenario, int step, boolean torn) throws IOException {
        Path root = node(scenario);
        List<IOException> failures = new ArrayList<>();
        try {
            scenario.now().make(MirrorDirectory.on(root, new CrashingDisk(step, torn)));
        } catch (IOException e) {
            failures.add(e);
        }
        assertThat(failures)
                .as("step %d", step)
                .singleElement()
                .satisfies(e -> assertThat(e).hasMessageContaining("the power is off"));
        return root;
    }

    private static void assertBackupIsWholeOrMissing(Path root) throws IOException {
        if (Files.exists(root.resolve(MirrorDirectory.BACKUP))) {
            assertThat(Trees.read(root.resolve(MirrorDirectory.BACKUP))).isEqualTo(new TreeMap<>(corporateNode()));
        }
    }
}
