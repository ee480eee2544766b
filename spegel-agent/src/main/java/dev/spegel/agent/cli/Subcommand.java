package dev.spegel.agent.cli;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * One command: what the help says of it, and what it does.
 *
 * @param name the word that calls it
 * @param summary one sentence
 * @param details further paragraphs of the help
 * @param argument the one word that it can be given
 * @param groups its flags, in the order of the help
 * @param examples lines to type
 */
record Subcommand(
        String name,
        String summary,
        List<String> details,
        Optional<Argument> argument,
        List<FlagGroup> groups,
        List<String> examples,
        Action action) {
    Subcommand {
        requireNonNull(name, "name");
        requireNonNull(summary, "summary");
        details = List.copyOf(details);
        requireNonNull(argument, "argument");
        groups = List.copyOf(groups);
        examples = List.copyOf(examples);
        requireNonNull(action, "action");
    }

    /** One that takes flags only. */
    Subcommand(
            String name,
            String summary,
            List<String> details,
            List<FlagGroup> groups,
            List<String> examples,
            Action action) {
        this(name, summary, details, Optional.empty(), groups, examples, action);
    }

    /**
     * A word that isn't a flag.
     *
     * @param label names it, in upper case
     * @param required whether the command can't do without it
     */
    record Argument(String label, String description, boolean required) {
        Argument {
            requireNonNull(label, "label");
            requireNonNull(description, "description");
        }

        /** One that must be there. */
        Argument(String label, String description) {
            this(label, description, true);
        }
    }

    /** Flags that concern one thing. */
    record FlagGroup(String heading, List<Flag> flags) {
        FlagGroup {
            requireNonNull(heading, "heading");
            flags = List.copyOf(flags);
        }
    }

    /** What a command does. */
    @FunctionalInterface
    interface Action {
        /**
         * Returns the exit code, one of {@link ExitCode}.
         *
         * @throws SettingsException if flags or other settings can't work: exit code 2
         * @throws Exception if it failed: exit code 1; an {@link java.io.IOException}'s message is shown, anything else is a bug
         *     and shows its stack
         */
        int run(Settings settings, Surroundings surroundings) throws Exception;
    }
}
