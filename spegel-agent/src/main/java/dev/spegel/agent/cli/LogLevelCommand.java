package dev.spegel.agent.cli;

import dev.spegel.agent.cli.Subcommand.FlagGroup;
import dev.spegel.agent.inspect.ReportJson;
import dev.spegel.agent.logs.LogLevel;
import java.util.List;
import java.util.Optional;

/** {@code spegel log-level}. */
final class LogLevelCommand {
    private static final Subcommand.Argument LEVEL =
            new Subcommand.Argument("LEVEL", "DEBUG, INFO, WARN or ERROR. Without one nothing is changed.", false);

    private LogLevelCommand() {}

    static Subcommand of() {
        return new Subcommand(
                "log-level",
                "Show how much a running agent logs, or change it.",
                List.of(
                        "",
                        "It stays so until it is changed again or the agent ends. An agent obeys its own node only: in a cluster,"
                                + " run this in the agent's container."),
                Optional.of(LEVEL),
                List.of(new FlagGroup("Flags", List.of(AskedAgent.AGENT_ADDR, ViewFlags.OUTPUT))),
                List.of("spegel log-level DEBUG", "kubectl exec POD -- /opt/spegel/bin/spegel log-level --output json"),
                LogLevelCommand::run);
    }

    private static int run(Settings settings, Surroundings surroundings) throws Exception {
        LogSettings logs = LogSettings.readForPeople(settings);
        Optional<LogLevel> wanted =
                settings.hasArgument() ? settings.argument(LEVEL, LogLevel::parse) : Optional.empty();
        boolean json = settings.value(ViewFlags.OUTPUT, ViewFlags::isJson);
        AskedAgent agent = AskedAgent.read(settings);
        settings.requireNoProblems();
        logs.writeTo(surroundings.err());
        String level = Interruption.under(
                surroundings,
                () -> agent.ask(view ->
                        wanted.isPresent() ? view.setLogLevel(wanted.get().name()) : view.logLevel()));
        surroundings
                .out()
                .println(
                        json
                                ? ReportJson.writeLogLevel(level)
                                : "The agent at %s logs %s.".formatted(agent.address(), level));
        return ExitCode.OK;
    }
}
