package dev.spegel.agent.cli;

import java.util.List;

/** Settings that can't work: all of them, each a sentence that starts with its flag. */
final class SettingsException extends Exception {
    private static final long serialVersionUID = 1L;

    private final List<String> problems;

    SettingsException(List<String> problems) {
        super(String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    List<String> problems() {
        return problems;
    }
}
