package dev.spegel.lab;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An installed containerd.
 *
 * @param programs the directory that has {@code containerd} and {@code ctr}
 */
public record ContainerdRelease(Path programs, int major, int minor) implements Comparable<ContainerdRelease> {
    /** "containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u3"; the v comes and goes. */
    private static final Pattern VERSION = Pattern.compile("containerd \\S+ v?(\\d+)\\.(\\d+)");

    /** The one on the PATH, if there is one. */
    public static Optional<ContainerdRelease> installed() throws IOException, InterruptedException {
        Optional<Path> programs = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .map(Path::of)
                .filter(ContainerdRelease::hasBoth)
                .findFirst();
        return programs.isPresent() ? Optional.of(in(programs.get())) : Optional.empty();
    }

    /** @throws IOException if the directory doesn't have both programs */
    public static ContainerdRelease in(Path programs) throws IOException, InterruptedException {
        if (!hasBoth(programs)) {
            throw new IOException("no containerd and ctr in " + programs);
        }
        String text = Command.run(programs.resolve("containerd").toString(), "--version");
        Matcher version = VERSION.matcher(text);
        if (!version.find()) {
            throw new IOException("containerd tells no version: " + text.strip());
        }
        return new ContainerdRelease(
                programs.toRealPath(), Integer.parseInt(version.group(1)), Integer.parseInt(version.group(2)));
    }

    private static boolean hasBoth(Path directory) {
        return Files.isExecutable(directory.resolve("containerd")) && Files.isExecutable(directory.resolve("ctr"));
    }

    public boolean isAtLeast(int otherMajor, int otherMinor) {
        return major > otherMajor || (major == otherMajor && minor >= otherMinor);
    }

    @Override
    public int compareTo(ContainerdRelease other) {
        return major != other.major ? Integer.compare(major, other.major) : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return "containerd " + major + "." + minor;
    }
}
