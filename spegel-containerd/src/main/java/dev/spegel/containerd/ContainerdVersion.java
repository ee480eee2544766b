package dev.spegel.containerd;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A release of containerd. What follows the numbers, as in {@code 1.6.20~ds1} or {@code 2.1.9+unknown}, doesn't matter. */
public record ContainerdVersion(int major, int minor, int patch) {
    /** Free-form text of whoever built it, with or without a {@code v}. */
    private static final Pattern NUMBERS =
            Pattern.compile("v?(\\d{1,5})\\.(\\d{1,5})(?:\\.(\\d{1,5}))?.*", Pattern.DOTALL);

    public ContainerdVersion {
        if (major < 0 || minor < 0 || patch < 0) {
            throw new IllegalArgumentException(
                    "the parts of a version aren't negative, got %d.%d.%d".formatted(major, minor, patch));
        }
    }

    /** Reads what containerd says; empty if it doesn't begin with numbers, as that of a build from an untagged commit. */
    public static Optional<ContainerdVersion> parse(String text) {
        Matcher numbers = NUMBERS.matcher(text);
        return numbers.matches()
                ? Optional.of(new ContainerdVersion(
                        Integer.parseInt(numbers.group(1)),
                        Integer.parseInt(numbers.group(2)),
                        numbers.group(3) == null ? 0 : Integer.parseInt(numbers.group(3))))
                : Optional.empty();
    }

    /** Whether this is that version or a later one, patches aside. */
    public boolean isAtLeast(int otherMajor, int otherMinor) {
        return major > otherMajor || (major == otherMajor && minor >= otherMinor);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
