package dev.spegel.containerd.mirror;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What shall become of one entry of the directory of registries. */
sealed interface Desired {
    /**
     * A registry's directory with this {@code hosts.toml}.
     *
     * @param files directories whose other files shall be there too; one that is there already stays, as it may be newer
     * @param withdrawn the directory whose other files shall not
     */
    record Mirrored(String text, Set<PosixFilePermission> mode, List<Path> files, Optional<Path> withdrawn)
            implements Desired {
        public Mirrored {
            requireNonNull(text, "text");
            mode = Set.copyOf(mode);
            files = List.copyOf(files);
            requireNonNull(withdrawn, "withdrawn");
        }
    }

    /** As it is, or if it isn't there as it was. */
    record Kept(Path was) implements Desired {}

    /** As it was; only a file that a mirror's directory got besides {@code hosts.toml} stays, as it may be newer. */
    record Restored(Path was) implements Desired {}
}
