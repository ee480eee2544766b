package dev.spegel.agent.cli;

import java.util.List;

/** The program {@code spegel}. */
public final class Main {
    /** In the order of the help. */
    static final List<Subcommand> COMMANDS = List.of(
            DemoCommand.of(),
            RegistryCommand.of(),
            LookupCommand.of(),
            PeersCommand.of(),
            ImagesCommand.of(),
            MeasureCommand.of(),
            PullCommand.of(),
            DoctorCommand.of(),
            LogLevelCommand.of(),
            SupportCommand.of(),
            ConfigurationCommand.of(),
            CleanupCommand.of(),
            CleanupWaitCommand.of(),
            VersionCommand.of(),
            CompletionCommand.of());

    private Main() {}

    public static void main(String[] arguments) {
        StopSignal stop = new StopSignal();
        OsSignals.handleWith(stop);
        int exitCode = new CommandShell(COMMANDS, Surroundings.ofProcess(stop)).run(arguments);
        System.exit(exitCode);
    }
}
