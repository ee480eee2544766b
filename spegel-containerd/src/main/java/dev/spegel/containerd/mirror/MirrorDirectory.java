package dev.spegel.containerd.mirror;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The directory in which containerd looks for the hosts of a registry, its {@code config_path}.
 *
 * <p>{@link #configure} makes mirrors of it, after copying what is there to {@code _backup}, and {@link #restore} makes it what it was.
 * The layout is the Go implementation's: either can go on where the other stopped. While there is a backup, every directory beside it
 * that Spegel could have written is Spegel's. What others add meanwhile is put into the backup with the next {@code configure}.
 *
 * <p>containerd reads the directory at each pull, so it is changed while it is read, and a crash can come at any point. Every registry
 * has its old hosts or its new ones, whole, at every moment: a file or directory is made complete in {@code .spegel-staging}, forced to
 * disk, and renamed to its place. Several registries change one after the other. After a crash the same call again ends the work; the
 * backup is complete from the moment it has its name.
 *
 * <p>One caller at a time. The methods block on the disk.
 */
public final class MirrorDirectory {
    /** The Go implementation's name for it. No registry can be called so: an underscore isn't for host names. */
    static final String BACKUP = "_backup";

    static final String STAGING = ".spegel-staging";

    /** Holds what {@code hosts.toml} names for TLS; an underscore isn't for host names. */
    static final String TLS = "_spegel-tls";

    static final String AUTHORITIES = "ca.crt";

    /** A certificate and its key: in one file, so that they are replaced in one step. */
    static final String CLIENT = "client.pem";

    /** Entries that aren't of registries. */
    static final Set<String> OWN_NAMES = Set.of(BACKUP, STAGING, TLS);

    private final Path directory;
    private final Disk disk;

    private MirrorDirectory(Path directory, Disk disk) {
        this.directory = directory;
        this.disk = disk;
    }

    /** The directory needn't exist; its parent must once something is to be written. */
    public static MirrorDirectory at(Path directory) {
        return on(directory, new NioDisk(true));
    }

    static MirrorDirectory on(Path directory, Disk disk) {
        return new MirrorDirectory(directory, disk);
    }

    /**
     * Has containerd ask these mirrors. What was configured before is in the backup, and with {@link
     * MirrorConfiguration#prependExisting()} in force too, after the mirrors. Registries of an earlier call that aren't named any more are
     * forgotten. Changes nothing that is already right.
     *
     * @throws MirrorConfigurationException if the directory holds what can't be understood, and then nothing was changed, or if it
     *     can't be changed
     */
    public Changes configure(MirrorConfiguration mirrors) throws MirrorConfigurationException {
        Optional<Path> existing = existing();
        Path root = existing.isPresent() ? existing.get() : parentOfNew().resolve(directory.getFileName());
        SortedMap<String, Path> others = others(root);
        Map<String, Desired> desired = Plan.of(others, mirrors);
        requireDirectories(root, desired);
        try (Transition transition = Transition.begin(root, existing.isEmpty(), disk)) {
            transition.backUp(others);
            if (mirrors.tls().isPresent()) { // before the files that name it
                transition.writeTls(mirrors.tls().get());
            }
            // By now all that isn't Spegel's is in the backup, so what isn't desired may go.
            transition.change(desired, entry -> true);
            if (mirrors.tls().isEmpty()) {
                transition.discardTls();
            }
            return transition.changes();
        } catch (IOException e) {
            throw MirrorConfigurationException.because("configure mirrors in " + directory, e);
        }
    }

    /**
     * Makes the directory what it was before the first {@link #configure}, and deletes the backup. What others have added stays. Does
     * nothing if there is no backup.
     *
     * @throws MirrorConfigurationException if it can't be changed
     */
    public Changes restore() throws MirrorConfigurationException {
        Optional<Path> root = existing();
        if (root.isEmpty()) {
            return new Changes(List.of(), List.of(), List.of());
        }
        Path backup = root.get().resolve(BACKUP);
        Map<String, Desired> desired = new TreeMap<>();
        for (Map.Entry<String, Path> entry : ConfigEntries.list(backup).entrySet()) {
            desired.put(entry.getKey(), new Desired.Restored(entry.getValue()));
        }
        try (Transition transition = Transition.begin(root.get(), false, disk)) {
            if (isConfigured()) {
                transition.change(desired, ConfigEntries::isOfSpegel);
                transition.discardTls();
                transition.discard(backup);
            }
            return transition.changes();
        } catch (IOException e) {
            throw MirrorConfigurationException.because("restore " + directory, e);
        }
    }

    /**
     * The hosts that containerd asks for images of this registry, in order, before the registry itself. Empty if it has no
     * directory for it, and so asks the registry only.
     *
     * @param registry host and port as images name it
     * @throws MirrorConfigurationException if containerd would ignore what is there, with the reason
     */
    public Optional<List<RegistryHost>> hostsOf(String registry) throws MirrorConfigurationException {
        for (String name : MirroredRegistry.directories(registry)) {
            Path path = directory.resolve(name);
            if (Files.exists(path)) {
                return Optional.of(ConfigEntries.hosts(path).registryHosts());
            }
        }
        return Optional.empty();
    }

    /**
     * The registries that have a directory, sorted, by the names of these. Empty if there is none, or no directory to look into.
     *
     * @throws MirrorConfigurationException if it can't be read
     */
    public List<String> registries() throws MirrorConfigurationException {
        return existing().isEmpty()
                ? List.of()
                : ConfigEntries.list(directory).entrySet().stream()
                        .filter(entry -> !OWN_NAMES.contains(entry.getKey()) && Files.isDirectory(entry.getValue()))
                        .map(Map.Entry::getKey)
                        .toList();
    }

    /** Whether {@link #configure} was called and {@link #restore} not since. */
    public boolean isConfigured() {
        return ConfigEntries.isDirectory(directory.resolve(BACKUP));
    }

    private Optional<Path> existing() throws MirrorConfigurationException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        if (!Files.isDirectory(directory)) {
            throw new MirrorConfigurationException(
                    "%s is no directory that registries could be configured in".formatted(directory));
        }
        try {
            return Optional.of(directory.toRealPath());
        } catch (IOException e) {
            throw MirrorConfigurationException.because("find " + directory, e);
        }
    }

    private Path parentOfNew() throws MirrorConfigurationException {
        Path parent = directory.toAbsolutePath().getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new MirrorConfigurationException(
                    "there is no directory %s to make %s in; is containerd's configuration elsewhere?"
                            .formatted(parent, directory.getFileName()));
        }
        try {
            return parent.toRealPath();
        } catch (IOException e) {
            throw MirrorConfigurationException.because("find " + parent, e);
        }
    }

    /** What others have configured: see {@link Plan}. */
    private static SortedMap<String, Path> others(Path root) throws MirrorConfigurationException {
        if (!Files.exists(root)) {
            return new TreeMap<>();
        }
        ConfigEntries.requireOrdinary(root);
        SortedMap<String, Path> others = ConfigEntries.list(root.resolve(BACKUP));
        for (Map.Entry<String, Path> live : ConfigEntries.list(root).entrySet()) {
            if (!OWN_NAMES.contains(live.getKey())
                    && !others.containsKey(live.getKey())
                    && !ConfigEntries.isOfSpegel(live.getValue())) {
                others.put(live.getKey(), live.getValue());
            }
        }
        return others;
    }

    /** A directory can take the place of a directory's file in one step, but not that of a link or a file. */
    private static void requireDirectories(Path root, Map<String, Desired> desired)
            throws MirrorConfigurationException {
        for (Map.Entry<String, Desired> entry : desired.entrySet()) {
            Path live = root.resolve(entry.getKey());
            if (entry.getValue() instanceof Desired.Mirrored
                    && Files.exists(live, LinkOption.NOFOLLOW_LINKS)
                    && !ConfigEntries.isDirectory(live)) {
                throw new MirrorConfigurationException(
                        "%s is %s; a registry's configuration is a directory: replace it by one"
                                .formatted(live, Files.isSymbolicLink(live) ? "a symbolic link" : "a file"));
            }
        }
    }
}
