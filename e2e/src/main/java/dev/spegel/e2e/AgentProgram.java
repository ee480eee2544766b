package dev.spegel.e2e;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A program that does what our agent does, with the same flags.
 *
 * @param name for people
 * @param executable {@code bin/spegel}, or the Go implementation's binary
 */
record AgentProgram(String name, Path executable, boolean ours) {
    /** @param launcher {@code bin/spegel}; the agent must have been built */
    static AgentProgram ours(Path launcher) {
        return new AgentProgram("ours", launcher.toAbsolutePath(), true);
    }

    static AgentProgram go(Path binary) {
        return new AgentProgram("Go", binary.toAbsolutePath(), false);
    }

    /** What it wants to be started with, beside what this process has. */
    Map<String, String> environment() {
        return ours
                ? Map.of("JAVA_HOME", System.getProperty("java.home"), "LOG_FORMAT", "text")
                : Map.of("LOG_LEVEL", "DEBUG");
    }

    /**
     * How to have it serve. Its names come from {@code hosts} in place of /etc/hosts and DNS, so that nothing need be changed for
     * all machines: mounted over that file where nobody else sees it. The process stays the one that was started.
     */
    List<String> serving(Path hosts, List<String> flags) {
        List<String> command = new ArrayList<>(List.of(
                "unshare",
                "--mount",
                "bash",
                "-c",
                "mount --bind \"$0\" /etc/hosts && exec \"$@\"",
                hosts.toString(),
                executable.toString(),
                "registry"));
        command.addAll(flags);
        return command;
    }
}
