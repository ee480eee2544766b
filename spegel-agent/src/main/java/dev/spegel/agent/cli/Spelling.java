package dev.spegel.agent.cli;

import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** Guesses which word was meant. */
final class Spelling {
    private Spelling() {}

    /** The known word with the fewest edits from this one; empty if even that would replace half of it. */
    static Optional<String> closest(String word, Stream<String> known) {
        return known.min(Comparator.comparingInt((String candidate) -> edits(word, candidate))
                        .thenComparing(Comparator.naturalOrder()))
                .filter(candidate -> 2 * edits(word, candidate) < Math.min(word.length(), candidate.length()));
    }

    /** The Levenshtein distance, computed row by row. */
    static int edits(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int substitution = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substitution, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[to.length()];
    }
}
