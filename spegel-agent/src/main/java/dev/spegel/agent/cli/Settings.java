package dev.spegel.agent.cli;

import static java.util.Objects.requireNonNullElse;

import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.oci.OciSyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.ParseResult;

/**
 * The values of one command's flags. A flag beats its environment variable, which beats the default; an empty variable counts
 * as none. Every value that breaks its rule is noted, and {@link #requireNoProblems} reports all of them at once; until then the
 * reader gets the default in its place, so that it can go on and look at the rest.
 */
final class Settings {
    private final List<ParseResult> parsed;
    private final Map<String, String> environment;
    private final List<String> problems = new ArrayList<>();

    /** @param parsed what each level of the command line said, the innermost command first */
    Settings(List<ParseResult> parsed, Map<String, String> environment) {
        this.parsed = List.copyOf(parsed);
        this.environment = Map.copyOf(environment);
    }

    /** Whether the operator set this flag, in either way. */
    boolean isSet(Flag flag) {
        return onCommandLine(flag).isPresent() || inEnvironment(flag).isPresent();
    }

    /** The value of a flag that has a default. */
    <T> T value(Flag flag, Function<String, T> reader) {
        String fallback = flag.fallback()
                .orElseThrow(() -> new IllegalArgumentException(flag.name() + " has no default: ask optional()"));
        return optional(flag, reader).orElseGet(() -> reader.apply(fallback));
    }

    /** The value of a flag that has no default; empty if it isn't set, or is wrong. */
    <T> Optional<T> optional(Flag flag, Function<String, T> reader) {
        return onCommandLine(flag)
                .map(level -> level.<String>matchedOptionValue(flag.name(), ""))
                .or(() -> inEnvironment(flag))
                .flatMap(text -> read(flag, text, reader));
    }

    /** The entries of a list flag: arguments split at commas, or CSV in the environment variable. */
    <T> List<T> list(Flag flag, Function<String, T> reader) {
        return list(flag, GoSyntax::list, reader);
    }

    /** The entries of a list flag whose entries may have commas: one an argument, or CSV in the environment variable. */
    <T> List<T> listOfWholeArguments(Flag flag, Function<String, T> reader) {
        return list(flag, Function.identity(), reader);
    }

    private <T> List<T> list(Flag flag, Function<List<String>, List<String>> splitter, Function<String, T> reader) {
        List<String> entries = onCommandLine(flag)
                .map(level -> splitter.apply(level.<List<String>>matchedOptionValue(flag.name(), List.of())))
                .or(() -> inEnvironment(flag).flatMap(text -> read(flag, text, GoSyntax::csv)))
                .orElse(List.of());
        return entries.stream()
                .flatMap(entry -> read(flag, entry, reader).stream())
                .toList();
    }

    private <T> Optional<T> read(Flag flag, String text, Function<String, T> reader) {
        return read(text, reader, sentence -> problem(flag, sentence));
    }

    /** The command's one argument, which is there; empty if it is wrong. */
    <T> Optional<T> argument(Subcommand.Argument argument, Function<String, T> reader) {
        String text = parsed.get(0).matchedPositionalValue(0, "");
        return read(text, reader, sentence -> problem(argument.label() + ": " + sentence));
    }

    /** Whether the command line has the command's argument. */
    boolean hasArgument() {
        return parsed.get(0).hasMatchedPositional(0);
    }

    private static <T> Optional<T> read(String text, Function<String, T> reader, Consumer<String> problem) {
        try {
            return Optional.of(reader.apply(text));
        } catch (IllegalArgumentException | OciSyntaxException | MalformedException e) {
            problem.accept(requireNonNullElse(e.getMessage(), e.toString()));
            return Optional.empty();
        }
    }

    /** Notes that a flag's value can't be used. The sentence goes on after the flag's name. */
    void problem(Flag flag, String sentence) {
        boolean fromEnvironment =
                onCommandLine(flag).isEmpty() && inEnvironment(flag).isPresent();
        problems.add(flag.name() + (fromEnvironment ? " (from " + flag.variable() + ")" : "") + ": " + sentence);
    }

    /** Notes a problem with a setting that isn't a flag. */
    void problem(String sentence) {
        problems.add(sentence);
    }

    void requireNoProblems() throws SettingsException {
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
    }

    private Optional<ParseResult> onCommandLine(Flag flag) {
        return parsed.stream()
                .filter(level -> level.hasMatchedOption(flag.name()))
                .findFirst();
    }

    private Optional<String> inEnvironment(Flag flag) {
        return Optional.ofNullable(environment.get(flag.variable())).filter(text -> !text.isEmpty());
    }
}
