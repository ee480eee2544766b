package dev.spegel.agent.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.spegel.agent.BuildInfo;
import dev.spegel.agent.cli.Subcommand.FlagGroup;
import dev.spegel.oci.Quoted;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Reads a command line, runs the command that it names, and turns every failure into a message and an exit code. */
final class CommandShell {
    /** Wide enough for a flag and its sentence, and still fits a terminal beside another. */
    private static final int HELP_COLUMNS = 100;

    /** The longest of our flags and its label fit, so that descriptions stand beside them. */
    private static final int FLAG_COLUMNS = 42;

    /** Every command takes them, and the program itself: {@code spegel --log-level DEBUG registry} works too. */
    private static final FlagGroup LOGS = new FlagGroup("Logs", LogSettings.FLAGS);

    private final CommandLine commandLine;
    private final Surroundings surroundings;

    CommandShell(List<Subcommand> subcommands, Surroundings surroundings) {
        this.surroundings = requireNonNull(surroundings, "surroundings");
        CommandSpec root = CommandSpec.wrapWithoutInspection((Callable<Integer>) this::noCommand)
                .name("spegel")
                .addOption(helpOption())
                .addOption(OptionSpec.builder("-V", "--version")
                        .versionHelp(true)
                        .description("Print the version.")
                        .build())
                .addArgGroup(section(LOGS, 0))
                .versionProvider(
                        () -> new String[] {"spegel " + BuildInfo.load().version()});
        subcommands.forEach(subcommand -> root.addSubcommand(subcommand.name(), specOf(subcommand)));
        root.usageMessage()
                .width(HELP_COLUMNS)
                .optionListHeading("%n")
                .synopsisSubcommandLabel("COMMAND")
                .abbreviateSynopsis(true)
                .sortOptions(false)
                .description("Every node serves the image content it has to its neighbours, and finds theirs.")
                .commandListHeading("%nCommands:%n")
                .footer(
                        "",
                        "Each flag has an environment variable: --registry-addr is REGISTRY_ADDR. The flag wins.",
                        "Exit codes: 0 done, 1 failed, 2 the command line or a setting is wrong.",
                        "",
                        "See it work, on this machine only:",
                        "  spegel demo");
        commandLine = new CommandLine(root)
                .setExpandAtFiles(false)
                .setOut(new PrintWriter(surroundings.out(), true, UTF_8))
                .setErr(new PrintWriter(surroundings.err(), true, UTF_8))
                .setParameterExceptionHandler(CommandShell::wrongUsage)
                .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, command));
    }

    /** All commands and flags, for a shell to complete: a script for bash and zsh. */
    static String completion(List<Subcommand> subcommands, Surroundings surroundings) {
        return AutoComplete.bash("spegel", new CommandShell(subcommands, surroundings).commandLine);
    }

    /** The command line as it is read, without running it: fails as {@link #run} would. */
    void parse(String... arguments) {
        commandLine.parseArgs(arguments);
    }

    /** Returns the exit code. */
    int run(String... arguments) {
        return commandLine.execute(arguments);
    }

    private CommandSpec specOf(Subcommand subcommand) {
        CommandSpec command = CommandSpec.wrapWithoutInspection(
                (Callable<Integer>) () -> subcommand.action().run(settings(), surroundings));
        command.addOption(helpOption());
        subcommand
                .argument()
                .ifPresent(argument -> command.addPositional(PositionalParamSpec.builder()
                        .index("0")
                        .arity(argument.required() ? "1" : "0..1")
                        .required(argument.required())
                        .type(String.class)
                        .paramLabel(argument.label())
                        .description(argument.description())
                        .build()));
        Stream.concat(subcommand.groups().stream(), Stream.of(LOGS))
                .forEach(group ->
                        command.addArgGroup(section(group, command.argGroups().size())));
        List<String> description = new ArrayList<>(List.of(subcommand.summary()));
        description.addAll(subcommand.details());
        List<String> footer =
                new ArrayList<>(List.of("", subcommand.examples().size() == 1 ? "Example:" : "Examples:"));
        subcommand.examples().forEach(example -> footer.add("  " + example));
        command.usageMessage()
                .width(HELP_COLUMNS)
                .longOptionsMaxWidth(FLAG_COLUMNS)
                .optionListHeading("%n")
                .abbreviateSynopsis(true)
                .sortOptions(false)
                .description(description.toArray(String[]::new))
                .footer(footer.toArray(String[]::new));
        return command;
    }

    private static ArgGroupSpec section(FlagGroup group, int order) {
        ArgGroupSpec.Builder section = ArgGroupSpec.builder()
                .validate(false)
                .heading("%n" + group.heading() + ":%n")
                .order(order);
        group.flags().forEach(flag -> section.addArg(flag.toOption()));
        return section.build();
    }

    private static OptionSpec helpOption() {
        return OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this help.")
                .build();
    }

    /** What the whole command line says, the innermost command first. */
    private Settings settings() {
        List<ParseResult> levels = new ArrayList<>();
        for (ParseResult level = commandLine.getParseResult(); level != null; level = level.subcommand()) {
            levels.add(level);
        }
        Collections.reverse(levels);
        return new Settings(levels, surroundings.environment());
    }

    private int noCommand() {
        commandLine.usage(surroundings.err());
        return ExitCode.USAGE;
    }

    private static int wrongUsage(ParameterException problem, String[] arguments) {
        CommandLine command = problem.getCommandLine();
        if (problem instanceof UnmatchedArgumentException unmatched) {
            complain(
                    unknownWords(unmatched.getUnmatched(), command).stream()
                            .map(word -> unknown(word, command))
                            .toList(),
                    command);
        } else if (problem instanceof MissingParameterException missing
                && missing.getMissing().stream().anyMatch(ArgSpec::isPositional)) {
            complain(
                    missing.getMissing().stream()
                            .map(argument -> argument.paramLabel() + " is missing")
                            .toList(),
                    command);
        } else {
            complain(List.of(String.valueOf(problem.getMessage())), command);
        }
        return ExitCode.USAGE;
    }

    /** Leaves out what only follows from an unknown word: the values of an unknown flag, the flags of an unknown command. */
    private static List<String> unknownWords(List<String> unmatched, CommandLine command) {
        boolean isCommand =
                !unmatched.get(0).startsWith("-") && !command.getSubcommands().isEmpty();
        if (isCommand) {
            return unmatched.subList(0, 1);
        }
        boolean startsWithFlag = unmatched.get(0).startsWith("-");
        return unmatched.stream()
                .filter(word -> word.startsWith("-") || !startsWithFlag)
                .toList();
    }

    private static String unknown(String word, CommandLine command) {
        boolean isFlag = word.startsWith("-");
        String name = isFlag ? word.split("=", 2)[0] : word;
        Stream<String> known = isFlag
                ? command.getCommandSpec().optionsMap().keySet().stream()
                : command.getSubcommands().keySet().stream();
        String kind = isFlag ? "flag" : command.getSubcommands().isEmpty() ? "argument" : "command";
        return "unknown %s %s%s"
                .formatted(
                        kind,
                        Quoted.of(name),
                        Spelling.closest(name, known)
                                .map(guess -> "; did you mean " + guess + "?")
                                .orElse(""));
    }

    private static int failed(Exception failure, CommandLine command) {
        PrintWriter err = command.getErr();
        if (failure instanceof SettingsException wrong) {
            complain(wrong.problems(), command);
            return ExitCode.USAGE;
        }
        if (failure instanceof InterruptedException) {
            err.println("spegel: interrupted");
            return ExitCode.INTERRUPTED;
        }
        if (failure instanceof IOException failed) {
            err.println("spegel: " + FailureText.of(failed));
        } else {
            err.println("spegel: this is a bug, please report it with these lines");
            failure.printStackTrace(err);
        }
        return ExitCode.FAILURE;
    }

    /** One problem is one line, so that scripts can pass it on. */
    private static void complain(List<String> problems, CommandLine command) {
        PrintWriter err = command.getErr();
        String hint = "'%s --help' shows what there is"
                .formatted(command.getCommandSpec().qualifiedName());
        if (problems.size() == 1) {
            err.println("spegel: %s (%s)".formatted(problems.get(0), hint));
        } else {
            err.println("spegel: %d settings can't be used (%s):".formatted(problems.size(), hint));
            problems.forEach(problem -> err.println("  " + problem));
        }
    }
}
