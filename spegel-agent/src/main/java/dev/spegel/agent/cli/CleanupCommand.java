package dev.spegel.agent.cli;

import dev.spegel.agent.cleanup.CleanupEndpoint;
import dev.spegel.agent.cli.Subcommand.FlagGroup;
import dev.spegel.containerd.mirror.MirrorDirectory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code spegel cleanup}. Flags and defaults are the Go implementation's. */
final class CleanupCommand {
    private static final Logger LOG = LoggerFactory.getLogger(CleanupCommand.class);

    private static final Flag ADDR = Flag.one(
            "--addr",
            "ADDR",
            "Answer GET /readyz here once it is done: host:port, or :port for all interfaces. Required.");

    private CleanupCommand() {}

    static Subcommand of() {
        return new Subcommand(
                "cleanup",
                "Give this node's containerd back the configuration that it had before.",
                List.of(
                        "",
                        "Then runs until SIGTERM or Ctrl-C, so that 'spegel cleanup-wait' can see that this node is done."),
                List.of(new FlagGroup("Flags", List.of(ADDR, ConfigurationCommand.CONFIG_PATH))),
                List.of("spegel cleanup --addr :8080"),
                CleanupCommand::run);
    }

    private static int run(Settings settings, Surroundings surroundings)
            throws SettingsException, IOException, InterruptedException {
        LogSettings logs = LogSettings.read(settings);
        Path directory = settings.value(ConfigurationCommand.CONFIG_PATH, ConfigurationCommand::path);
        Optional<InetSocketAddress> address = settings.optional(ADDR, GoSyntax::listenAddress);
        if (!settings.isSet(ADDR)) {
            settings.problem(ADDR, "there must be an address on which to say that it is done, as :8080");
        }
        settings.requireNoProblems();
        logs.writeTo(surroundings.err());
        try (CleanupEndpoint endpoint = CleanupEndpoint.bind(address.orElseThrow())) {
            ConfigurationCommand.report(directory, MirrorDirectory.at(directory).restore());
            endpoint.start();
            LOG.info("Done; saying so on {}", endpoint.address());
            surroundings.stop().await();
        }
        return ExitCode.OK;
    }
}
