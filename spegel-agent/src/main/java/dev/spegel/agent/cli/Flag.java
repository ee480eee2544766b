package dev.spegel.agent.cli;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Model.OptionSpec;

/**
 * One flag of a command. Picocli only collects its text; what the text means {@link Settings} finds out, which can report
 * several mistakes at once.
 *
 * @param name with both dashes
 * @param label stands for the value in the help
 * @param fallback the value where the operator sets none
 * @param description for the help, without the default and the environment variable
 */
record Flag(String name, String label, Arity arity, Optional<String> fallback, String description) {
    /** A longer default starts a line of the help, or it would be broken in two. */
    private static final int LONG_DEFAULT = 20;

    enum Arity {
        /** {@code --flag VALUE} or {@code --flag=VALUE}. */
        ONE,
        /** The same, and {@code --flag} alone means true. */
        BOOL,
        /** {@code --flag A B}, {@code --flag A --flag B}; where no entry can have a comma also {@code --flag A,B}. */
        LIST
    }

    Flag {
        requireNonNull(label, "label");
        requireNonNull(arity, "arity");
        requireNonNull(fallback, "fallback");
        requireNonNull(description, "description");
        if (!name.startsWith("--")) {
            throw new IllegalArgumentException("a flag's name starts with --, got " + name);
        }
    }

    static Flag one(String name, String label, String description) {
        return new Flag(name, label, Arity.ONE, Optional.empty(), description);
    }

    static Flag bool(String name, String description) {
        return new Flag(name, "true|false", Arity.BOOL, Optional.empty(), description);
    }

    static Flag list(String name, String label, String description) {
        return new Flag(name, label, Arity.LIST, Optional.empty(), description);
    }

    Flag withDefault(String value) {
        return new Flag(name, label, arity, Optional.of(value), description);
    }

    /** The environment variable that says the same: {@code --registry-addr} is {@code REGISTRY_ADDR}. */
    String variable() {
        return name.substring("--".length()).replace('-', '_').toUpperCase(Locale.ROOT);
    }

    OptionSpec toOption() {
        // Picocli formats the text: a percent sign must be doubled.
        String text = description.replace("%", "%%")
                + fallback.map(value -> (value.length() > LONG_DEFAULT ? "%n" : " ") + "Default: " + value + ".")
                        .orElse("");
        OptionSpec.Builder option =
                OptionSpec.builder(name).paramLabel(label).description(text).order(-1);
        return switch (arity) {
            case ONE -> option.type(String.class).arity("1").build();
            case BOOL ->
                option.type(String.class).arity("0..1").fallbackValue("true").build();
            case LIST ->
                option.type(List.class)
                        .auxiliaryTypes(String.class)
                        .arity("1..*")
                        .build();
        };
    }
}
