package dev.spegel.agent.cli;

import dev.spegel.agent.cli.Subcommand.FlagGroup;
import dev.spegel.agent.console.Table;
import dev.spegel.agent.pull.DiscardTarget;
import dev.spegel.agent.pull.PullReport;
import dev.spegel.agent.pull.PullReportJson;
import dev.spegel.agent.pull.PullReportText;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code spegel measure}. */
final class MeasureCommand {
    private static final Flag PLATFORM = PullFlags.platform("this", " 'this' is the one that this machine would pull.");

    private MeasureCommand() {}

    static Subcommand of() {
        return new Subcommand(
                "measure",
                "Pull an image through an agent's mirror, keep nothing, and tell where it came from and how fast.",
                List.of(
                        "",
                        "What the image is, the mirror alone says; no registry is asked. Every byte is verified. FROM is the node"
                                + " that sent it, or 'local' where the agent had it itself. One piece at a time is pulled, so that"
                                + " each has a speed of its own. Exits with 1 if nobody has the image."),
                Optional.of(PullFlags.IMAGE),
                List.of(
                        new FlagGroup("Flags", List.of(PLATFORM, AskedAgent.AGENT_ADDR, ViewFlags.OUTPUT)),
                        RegistryTls.FLAGS),
                List.of(
                        "spegel measure docker.io/library/app:1.0",
                        "spegel measure app:1.0 --platform linux/arm64 --agent-addr 10.0.0.7:9090 --output json",
                        "spegel measure app:1.0 --tls-ca /tls/ca.crt --tls-cert /tls/tls.crt --tls-key /tls/tls.key"),
                MeasureCommand::run);
    }

    private static int run(Settings settings, Surroundings surroundings) throws Exception {
        LogSettings logs = LogSettings.readForPeople(settings);
        boolean json = settings.value(ViewFlags.OUTPUT, ViewFlags::isJson);
        PullFlags flags = PullFlags.read(settings, surroundings, PLATFORM);
        settings.requireNoProblems();
        logs.writeTo(surroundings.err());
        boolean progress = surroundings.onTerminal() && !json;
        AskedRegistry registry = Interruption.under(surroundings, flags::registry);
        PullReport report = Interruption.under(
                surroundings, () -> flags.pull(registry, new DiscardTarget(), surroundings, progress));
        if (json) {
            surroundings.out().println(PullReportJson.write(Map.of("registry", registry.toString()), report));
        } else {
            surroundings
                    .out()
                    .println(Table.printable(
                            "Pulled %s (%s) through the agent at %s and its registry at %s, and kept nothing."
                                    .formatted(
                                            report.image(),
                                            report.target().digest(),
                                            flags.agent().address(),
                                            registry)));
            PullReportText.lines(report, surroundings.style()).forEach(surroundings.out()::println);
        }
        return ExitCode.OK;
    }
}
