package dev.spegel.agent.cli;

import dev.spegel.agent.cli.Subcommand.FlagGroup;
import java.util.List;

/** {@code spegel generate-completion}, as picocli and Spring call it. */
final class CompletionCommand {
    private CompletionCommand() {}

    static Subcommand of() {
        return new Subcommand(
                "generate-completion",
                "Print a script by which bash and zsh complete commands and flags.",
                List.<String>of(),
                List.<FlagGroup>of(),
                List.of(
                        "source <(spegel generate-completion)",
                        "spegel generate-completion > /usr/share/bash-completion/completions/spegel"),
                CompletionCommand::run);
    }

    private static int run(Settings settings, Surroundings surroundings) throws SettingsException {
        LogSettings.read(settings);
        settings.requireNoProblems();
        surroundings.out().print(CommandShell.completion(Main.COMMANDS, surroundings));
        return ExitCode.OK;
    }
}
