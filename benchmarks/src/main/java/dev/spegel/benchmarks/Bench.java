package dev.spegel.benchmarks;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The entry point of {@code bin/bench}. */
@Command(
        name = "bench",
        description = "Measures the agent beside a reference in the same run.",
        mixinStandardHelpOptions = true,
        subcommands = {
            ServeCommand.class,
            RelayCommand.class,
            PullCommand.class,
            HerdCommand.class,
            MemoryCommand.class,
            HostileCommand.class,
            JmhCommand.class,
            RoutingCommand.class,
            FootprintCommand.class
        })
final class Bench {
    private Bench() {}

    /** Exits with 0, 1 if the measurement failed, or 2 for bad usage. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Bench())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((e, line, parsed) -> {
                    System.err.println("bench: " + e.getMessage());
                    return 1;
                })
                .execute(args));
    }
}
