package dev.spegel.agent.cli;

import dev.spegel.agent.Agent;
import dev.spegel.agent.AgentConfig;
import java.util.List;

/** {@code spegel registry}. */
final class RegistryCommand {
    private RegistryCommand() {}

    static Subcommand of() {
        return new Subcommand(
                "registry",
                "Serve this node's images, and mirror what its neighbours have.",
                List.of(
                        "",
                        "Runs until SIGTERM or Ctrl-C. Then it takes no new connections and lets transfers end, for "
                                + AgentConfig.DEFAULT_SHUTDOWN_GRACE.toSeconds()
                                + " s at most; a second signal cuts them."),
                RegistryFlags.GROUPS,
                List.of(
                        "spegel registry --store oci-layout --oci-layout-path /var/lib/images \\",
                        "    --router static --static-router-peers 10.0.0.1:5000,10.0.0.2:5000,10.0.0.3:5000"),
                RegistryCommand::run);
    }

    private static int run(Settings settings, Surroundings surroundings) throws Exception {
        LogSettings logs = LogSettings.read(settings);
        AgentConfig config = RegistrySettings.read(settings, surroundings.basicAuthDirectory());
        logs.writeTo(surroundings.err());
        Agent agent = Agent.start(config);
        try {
            surroundings.stop().await();
        } finally {
            agent.close();
        }
        return ExitCode.OK;
    }
}
