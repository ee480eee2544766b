package dev.spegel.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.spegel.lab.Command;
import dev.spegel.lab.Daemon;
import dev.spegel.lab.Machine;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A container of the Helm chart as kubelet and containerd would run it, by runc: with the arguments that the chart renders, a root that
 * can't be written to, no capabilities, and a memory limit. What is left out is the seccomp profile, which is containerd's own.
 */
final class ChartContainer implements Closeable {
    /** The chart's limit. */
    static final long MEMORY_BYTES = 128L << 20;

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Path RECORDED = Path.of("..", "charts", "test", "testdata", "arguments.json");

    /**
     * Where the chart lets containerd ask the agent itself: no Service stands between them here. And where a peer has longer to show up than
     * the 20 ms of the default, which are for agents that have a processor when they need one, and a registry to fall back to.
     */
    private static final String VALUES = "service: {registry: {port: 30020}}\nspegel: {mirrorResolveTimeout: 2s}";

    private static final String BASE = """
            {"ociVersion": "1.0.2",
             "process": {"terminal": false, "cwd": "/", "noNewPrivileges": true, "user": {"uid": 0, "gid": 0},
                         "capabilities": {"bounding": [], "effective": [], "permitted": []}},
             "root": {"readonly": true},
             "mounts": [
               {"destination": "/proc", "type": "proc", "source": "proc"},
               {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
               {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]},
               {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["nosuid", "noexec", "nodev", "ro"]}],
             "linux": {"namespaces": [{"type": "pid"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}],
                       "resources": {"devices": [{"allow": false, "access": "rwm"}]}}}
            """;

    private final String id;
    private final Path state;
    private final Daemon runc;

    private ChartContainer(String id, Path state, Daemon runc) {
        this.id = id;
        this.state = state;
        this.runc = runc;
    }

    /** A directory of the machine that a container sees. */
    record Mount(Path source, String target, boolean readOnly) {}

    /**
     * Starts it.
     *
     * @param directory empty or not there yet; it gets the log
     * @param name of the container in the chart
     * @param mounts in addition to {@code /etc/hosts}
     * @param hosts what {@code /etc/hosts} has, in place of the cluster's DNS
     */
    static ChartContainer start(
            UnpackedImage image, Machine machine, Path directory, String name, List<Mount> mounts, List<String> hosts)
            throws IOException {
        Files.createDirectories(directory);
        String id = machine.namespace() + "-" + name;
        ObjectNode config = (ObjectNode) JSON.readTree(BASE);
        ObjectNode process = (ObjectNode) config.path("process");
        List<String> command = new ArrayList<>(image.entrypoint());
        arguments(name).forEach(argument -> command.add(argument.replace("$(NODE_IP)", machine.ip4())));
        process.set("args", JSON.valueToTree(command));
        List<String> environment = new ArrayList<>(image.environment());
        environment.add("SPEGEL_MEMORY=" + MEMORY_BYTES);
        process.set("env", JSON.valueToTree(environment));
        ((ObjectNode) config.path("root")).put("path", image.root().toString());
        ArrayNode all = (ArrayNode) config.path("mounts");
        Path hostsFile = Files.write(directory.resolve("hosts"), hosts);
        all.add(bind(new Mount(hostsFile, "/etc/hosts", true)));
        mounts.forEach(mount -> all.add(bind(mount)));
        ObjectNode linux = (ObjectNode) config.path("linux");
        ((ArrayNode) linux.path("namespaces"))
                .addObject()
                .put("type", "network")
                .put("path", "/run/netns/" + machine.namespace());
        linux.put("cgroupsPath", "/" + id);
        ((ObjectNode) linux.path("resources")).putObject("memory").put("limit", MEMORY_BYTES);
        JSON.writeValue(directory.resolve("config.json").toFile(), config);
        Path state = directory.resolve("runc");
        return new ChartContainer(
                id,
                state,
                Daemon.start(
                        name + " of machine " + machine.number(),
                        directory.resolve("log"),
                        Map.of(),
                        List.of("runc", "--root", state.toString(), "run", "--bundle", directory.toString(), id)));
    }

    private static ObjectNode bind(Mount mount) {
        ObjectNode bind = JSON.createObjectNode()
                .put("destination", mount.target())
                .put("type", "bind")
                .put("source", mount.source().toString());
        bind.putArray("options").add("rbind").add("rslave").add(mount.readOnly() ? "ro" : "rw");
        return bind;
    }

    /** What the chart tells this container, as its own tests have recorded it. Where these values change nothing, it is as by default. */
    private static List<String> arguments(String container) throws IOException {
        List<String> found = List.of();
        for (JsonNode invocation : JSON.readTree(RECORDED.toFile())) {
            String values = invocation.path("values").asText();
            if (invocation.path("container").asText().equals(container)
                    && (values.equals(VALUES) || (values.equals("{}") && found.isEmpty()))) {
                found = UnpackedImage.texts(invocation.path("arguments"));
            }
        }
        if (found.isEmpty()) {
            throw new IOException("%s has no container %s".formatted(RECORDED, container));
        }
        return found;
    }

    Daemon process() {
        return runc;
    }

    /** The most memory that its control group ever had, with page cache, which is given back when it is full. */
    long peakBytes() throws IOException {
        Path version1 = Path.of("/sys/fs/cgroup/memory", id, "memory.max_usage_in_bytes");
        Path file = Files.exists(version1) ? version1 : Path.of("/sys/fs/cgroup", id, "memory.peak");
        return Long.parseLong(Files.readString(file).strip());
    }

    /** What of its memory can't be given back: neither page cache nor anything else that has a copy on disk. */
    long anonymousBytes() throws IOException {
        Path version1 = Path.of("/sys/fs/cgroup/memory", id, "memory.stat");
        return Files.exists(version1)
                ? number(version1, "rss")
                : number(Path.of("/sys/fs/cgroup", id, "memory.stat"), "anon");
    }

    /** How often something in it was killed for lack of memory. */
    long killedForMemory() throws IOException {
        Path version1 = Path.of("/sys/fs/cgroup/memory", id, "memory.oom_control");
        return number(Files.exists(version1) ? version1 : Path.of("/sys/fs/cgroup", id, "memory.events"), "oom_kill");
    }

    /** Whether a process in it has this file of the image in memory. */
    boolean maps(String file) throws IOException {
        Path version1 = Path.of("/sys/fs/cgroup/memory", id, "cgroup.procs");
        Path processes = Files.exists(version1) ? version1 : Path.of("/sys/fs/cgroup", id, "cgroup.procs");
        for (String process : Files.readAllLines(processes)) {
            if (Files.readString(Path.of("/proc", process, "maps")).contains(file)) {
                return true;
            }
        }
        return false;
    }

    private static long number(Path file, String key) throws IOException {
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith(key + " ")) {
                return Long.parseLong(line.substring(key.length() + 1).strip());
            }
        }
        throw new IOException("%s has no %s".formatted(file, key));
    }

    @Override
    public void close() throws IOException {
        runc.close(); // it passes SIGTERM on, and removes the container at its end; but not if it was killed itself
        try {
            Command.run("runc", "--root", state.toString(), "delete", "--force", id);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while removing the container " + id);
        }
    }
}
