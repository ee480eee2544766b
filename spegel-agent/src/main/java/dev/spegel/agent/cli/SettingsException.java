package dev.spegel.agent.cli;

import java.util.List;

/** Settings that can't work: all of them, each a sentence that starts with its flag. */
final class SettingsException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String[] problems; // which can be serialized, as an exception's fields must be

    SettingsException(List<String> problems) {
        super(String.join("; ", problems));
        this.problems = problems.toArray(String[]::new);
    }

    List<String> problems() {
        return List.of(problems);
    }
}
