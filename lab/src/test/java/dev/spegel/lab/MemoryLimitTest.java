package dev.spegel.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files are written, on directories that look like either version of control groups; the kernel does the rest. */
class MemoryLimitTest {
    private static final long LIMIT = 128L << 20;

    @TempDir
    private Path mounts;

    private Path file(String name) {
        return mounts.resolve(name);
    }

    @Test
    void firstVersion() throws IOException {
        Files.createDirectories(file("memory"));
        MemoryLimit limit = MemoryLimit.create(mounts, "x", LIMIT);
        assertThat(file("memory/x/memory.limit_in_bytes")).hasContent(Long.toString(LIMIT));
        assertThat(file("memory/x/memory.memsw.limit_in_bytes"))
                .as("a kernel without swap accounting lacks it")
                .doesNotExist();
        assertThat(limit.command(List.of("program", "an argument")))
                .contains(file("memory/x/cgroup.procs").toString())
                .endsWith("program", "an argument");
        Files.writeString(file("memory/x/memory.oom_control"), "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
        assertThat(limit.kills()).isEqualTo(3);
    }

    @Test
    void secondVersion() throws IOException {
        Files.writeString(file("cgroup.controllers"), "cpuset cpu io memory pids\n");
        MemoryLimit limit = MemoryLimit.create(mounts, "x", LIMIT);
        assertThat(file("cgroup.subtree_control")).hasContent("+memory");
        assertThat(file("x/memory.max")).hasContent(Long.toString(LIMIT));
        Files.writeString(file("x/memory.events"), "low 0\nhigh 0\nmax 12\noom 1\noom_kill 2\noom_group_kill 0\n");
        assertThat(limit.kills()).isEqualTo(2);
    }

    @Test
    void noControllerIsSaid() throws IOException {
        Files.writeString(file("cgroup.controllers"), "cpu pids\n");
        assertThatThrownBy(() -> MemoryLimit.create(mounts, "x", LIMIT))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no memory controller");
    }
}
