package dev.spegel.containerd.mirror;

import static dev.spegel.containerd.mirror.ConfigEntries.HOSTS_TOML;
import static dev.spegel.containerd.mirror.MirrorDirectory.BACKUP;
import static dev.spegel.containerd.mirror.MirrorDirectory.OWN_NAMES;
import static dev.spegel.containerd.mirror.MirrorDirectory.STAGING;
import static dev.spegel.containerd.mirror.MirroredRegistry.DEFAULT_HOST;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Changes a directory of registries, step by step, so that each registry has its old or its new hosts at every moment.
 *
 * <p>Order matters because {@code _default} stands in for every registry without a directory, and {@code host:port} for one without
 * {@code host_port_}. Directories for single registries come first: until theirs is there the old {@code _default} holds for them. Then
 * {@code _default} itself. Then directories go: from then on the new {@code _default} holds for them.
 */
final class Transition implements AutoCloseable {
    private static final Set<PosixFilePermission> DIRECTORY = PosixFilePermissions.fromString("rwxr-xr-x");
    private static final Set<PosixFilePermission> FOR_ALL = PosixFilePermissions.fromString("rw-r--r--");
    private static final Set<PosixFilePermission> FOR_OWNER = PosixFilePermissions.fromString("rw-------");

    /** In the order in which containerd looks for them, so that what is there already doesn't hide behind what comes later. */
    private static final Comparator<String> FOR_WRITING =
            Comparator.comparingInt(Transition::rank).thenComparing(Comparator.naturalOrder());

    /** {@code _default} first; then as containerd doesn't look for them, so that none comes to light by another's end. */
    private static final Comparator<String> FOR_REMOVING = Comparator.<String>comparingInt(
                    name -> name.equals(DEFAULT_HOST) ? 0 : 3 - rank(name))
            .thenComparing(Comparator.naturalOrder());

    private final Path root;
    private final Path staging;
    private final Disk disk;
    private final List<String> backedUp = new ArrayList<>();
    private final List<String> written = new ArrayList<>();
    private final List<String> removed = new ArrayList<>();
    private int staged;

    private Transition(Path root, Disk disk) {
        this.root = root;
        this.staging = root.resolve(STAGING);
        this.disk = disk;
    }

    /** {@link MirroredRegistry#directories}: first {@code host_port_}, then {@code host:port}, then {@code _default}. */
    private static int rank(String name) {
        if (name.equals(DEFAULT_HOST)) {
            return 2;
        }
        return name.endsWith("_") ? 0 : 1;
    }

    /** Begins with what a crash may have left cleared away. Close it to clear away its own. */
    static Transition begin(Path root, boolean create, Disk disk) throws IOException {
        if (create) {
            disk.createDirectory(root, DIRECTORY);
            syncParent(root, disk);
        }
        Transition transition = new Transition(root, disk);
        transition.close();
        return transition;
    }

    /** Copies to the backup what isn't there yet. */
    void backUp(Map<String, Path> entries) throws IOException {
        Path backup = root.resolve(BACKUP);
        if (!ConfigEntries.isDirectory(backup)) {
            Path copy = newPlace();
            disk.createDirectory(copy, DIRECTORY);
            for (Map.Entry<String, Path> entry : entries.entrySet()) {
                copy(entry.getValue(), copy.resolve(entry.getKey()));
                backedUp.add(entry.getKey());
            }
            disk.sync(copy);
            putInPlace(copy, backup);
            return;
        }
        for (Map.Entry<String, Path> entry : entries.entrySet()) {
            if (!entry.getValue().startsWith(backup)) {
                Path copy = newPlace();
                copy(entry.getValue(), copy);
                putInPlace(copy, backup.resolve(entry.getKey()));
                backedUp.add(entry.getKey());
            }
        }
    }

    /** Each file in one step: containerd may read them at any moment. */
    void writeTls(MirrorTls tls) throws IOException {
        Path directory = root.resolve(MirrorDirectory.TLS);
        if (!ConfigEntries.isDirectory(directory)) {
            disk.createDirectory(directory, DIRECTORY);
            syncParent(directory, disk);
        }
        boolean changed = writeTls(directory.resolve(MirrorDirectory.AUTHORITIES), tls.authorities(), FOR_ALL);
        changed |= writeTls(directory.resolve(MirrorDirectory.CLIENT), tls.client(), FOR_OWNER);
        if (changed) {
            written.add(MirrorDirectory.TLS);
        }
    }

    private boolean writeTls(Path file, Optional<String> pem, Set<PosixFilePermission> mode) throws IOException {
        byte[] content = pem.orElse("").getBytes(UTF_8);
        if (pem.isEmpty() || isFile(file, content, mode)) {
            return false; // one that no hosts.toml names any more does no harm
        }
        Path copy = newPlace();
        disk.write(copy, content, mode);
        putInPlace(copy, file);
        return true;
    }

    void discardTls() throws IOException {
        Path directory = root.resolve(MirrorDirectory.TLS);
        if (exists(directory)) {
            discard(directory);
            removed.add(MirrorDirectory.TLS);
        }
    }

    /** @param disposable whether an entry that isn't desired may go */
    void change(Map<String, Desired> desired, Disposable disposable) throws IOException {
        SortedMap<String, Desired> inOrder = new TreeMap<>(FOR_WRITING);
        inOrder.putAll(desired);
        for (Map.Entry<String, Desired> entry : inOrder.entrySet()) {
            if (make(root.resolve(entry.getKey()), entry.getValue())) {
                written.add(entry.getKey());
            }
        }
        List<String> present = new ArrayList<>(ConfigEntries.list(root).keySet());
        present.sort(FOR_REMOVING);
        for (String name : present) {
            if (!OWN_NAMES.contains(name) && !desired.containsKey(name) && disposable.test(root.resolve(name))) {
                discard(root.resolve(name));
                removed.add(name);
            }
        }
    }

    /** Returns whether that changed anything. */
    private boolean make(Path live, Desired desired) throws IOException {
        if (desired instanceof Desired.Mirrored mirrored) {
            return mirror(live, mirrored);
        }
        if (desired instanceof Desired.Restored restored) {
            return restore(live, restored.was());
        }
        return desired instanceof Desired.Kept kept && add(kept.was(), live);
    }

    private boolean mirror(Path live, Desired.Mirrored mirrored) throws IOException {
        boolean isNew = !exists(live);
        Path directory = isNew ? newPlace() : live;
        if (isNew) {
            disk.createDirectory(directory, DIRECTORY);
        }
        boolean changed = isNew;
        for (Path source : mirrored.files()) { // before the file that names them
            changed |= addFiles(source, directory);
        }
        byte[] content = mirrored.text().getBytes(UTF_8);
        Path file = directory.resolve(HOSTS_TOML);
        if (!isFile(file, content, mirrored.mode())) {
            Path copy = newPlace();
            disk.write(copy, content, mirrored.mode());
            putInPlace(copy, file);
            changed = true;
        }
        if (isNew) {
            putInPlace(directory, live);
        } else if (mirrored.withdrawn().isPresent()) {
            changed |= withdrawFiles(mirrored.withdrawn().get(), live);
        }
        return changed;
    }

    private boolean restore(Path live, Path was) throws IOException {
        if (exists(live) && !(ConfigEntries.isDirectory(live) && ConfigEntries.isDirectory(was))) {
            return replace(live, was);
        }
        if (!exists(live)) {
            return add(was, live);
        }
        boolean changed = addFiles(was, live);
        Path file = live.resolve(HOSTS_TOML);
        Path oldFile = was.resolve(HOSTS_TOML);
        if (!exists(oldFile)) {
            if (exists(file)) {
                discard(file);
                changed = true;
            }
        } else if (!isSame(oldFile, file)) {
            Path copy = newPlace();
            copy(oldFile, copy);
            putInPlace(copy, file);
            changed = true;
        }
        return changed;
    }

    /** A link or file in the place of a directory, or the reverse: such entries aren't of registries, so two steps will do. */
    private boolean replace(Path live, Path was) throws IOException {
        if (isSame(was, live)) {
            return false;
        }
        Path copy = newPlace();
        copy(was, copy);
        if (ConfigEntries.isDirectory(live) || ConfigEntries.isDirectory(copy)) {
            discard(live);
        }
        putInPlace(copy, live);
        return true;
    }

    /** Copies an entry if it isn't there. */
    private boolean add(Path from, Path to) throws IOException {
        if (exists(to)) {
            return false;
        }
        Path copy = newPlace();
        copy(from, copy);
        putInPlace(copy, to);
        return true;
    }

    /** Copies what a registry's directory has besides {@code hosts.toml}, and the other hasn't. */
    private boolean addFiles(Path from, Path to) throws IOException {
        boolean changed = false;
        for (Map.Entry<String, Path> entry : ConfigEntries.list(from).entrySet()) {
            Path target = to.resolve(entry.getKey());
            if (entry.getKey().equals(HOSTS_TOML) || entry.getValue().equals(target)) {
                continue;
            }
            if (ConfigEntries.isDirectory(entry.getValue()) && ConfigEntries.isDirectory(target)) {
                changed |= addFiles(entry.getValue(), target);
            } else {
                changed |= add(entry.getValue(), target);
            }
        }
        return changed;
    }

    /** Takes away what the backup has of a registry's directory besides {@code hosts.toml}. */
    private boolean withdrawFiles(Path backup, Path live) throws IOException {
        boolean changed = false;
        for (String name : ConfigEntries.list(backup).keySet()) {
            Path file = live.resolve(name);
            if (!name.equals(HOSTS_TOML) && exists(file)) {
                discard(file);
                changed = true;
            }
        }
        return changed;
    }

    private void copy(Path from, Path to) throws IOException {
        if (!ConfigEntries.isDirectory(from)) {
            disk.copy(from, to);
            return;
        }
        disk.createDirectory(to, Files.getPosixFilePermissions(from));
        for (Map.Entry<String, Path> entry : ConfigEntries.list(from).entrySet()) {
            copy(entry.getValue(), to.resolve(entry.getKey()));
        }
        disk.sync(to);
    }

    private void putInPlace(Path from, Path to) throws IOException {
        disk.rename(from, to);
        syncParent(to, disk);
    }

    /** Takes an entry away in one step; what it holds goes when this is closed. */
    void discard(Path entry) throws IOException {
        disk.rename(entry, newPlace());
        syncParent(entry, disk);
    }

    private static void syncParent(Path path, Disk disk) throws IOException {
        disk.sync(requireNonNull(path.getParent(), "all paths here are below a directory"));
    }

    private Path newPlace() throws IOException {
        if (!ConfigEntries.isDirectory(staging)) {
            disk.createDirectory(staging, PosixFilePermissions.fromString("rwx------"));
        }
        return staging.resolve(Integer.toString(staged++));
    }

    private static boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    private static boolean isFile(Path path, byte[] content, Set<PosixFilePermission> mode) throws IOException {
        return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                && Files.getPosixFilePermissions(path).equals(mode)
                && Files.size(path) == content.length
                && Arrays.equals(Files.readAllBytes(path), content);
    }

    private static boolean isSame(Path one, Path other) throws IOException {
        if (Files.isSymbolicLink(one) && Files.isSymbolicLink(other)) {
            return Files.readSymbolicLink(one).equals(Files.readSymbolicLink(other));
        }
        return Files.isRegularFile(one, LinkOption.NOFOLLOW_LINKS)
                && Files.isRegularFile(other, LinkOption.NOFOLLOW_LINKS)
                && Files.getPosixFilePermissions(one).equals(Files.getPosixFilePermissions(other))
                && Files.mismatch(one, other) < 0;
    }

    Changes changes() {
        Collections.sort(written);
        return new Changes(backedUp, written, removed);
    }

    /** Deletes what was put aside or only begun. Closing twice is harmless. */
    @Override
    public void close() throws IOException {
        if (exists(staging)) {
            delete(staging);
            disk.sync(root);
        }
    }

    private void delete(Path path) throws IOException {
        if (ConfigEntries.isDirectory(path)) {
            for (Path entry : ConfigEntries.list(path).values()) {
                delete(entry);
            }
        }
        disk.delete(path);
    }

    /** Decides what may go. */
    @FunctionalInterface
    interface Disposable {
        boolean test(Path entry) throws IOException;
    }
}
