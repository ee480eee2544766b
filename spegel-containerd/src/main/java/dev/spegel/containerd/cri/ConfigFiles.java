package dev.spegel.containerd.cri;

import static java.util.Objects.requireNonNull;

import dev.spegel.containerd.ContainerdVersion;
import dev.spegel.oci.Quoted;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * containerd's configuration: a file and those that it imports, in the order in which containerd reads them, so that later ones win.
 * Versions 1 to 4 of the format, as in containerd's docs/man/containerd-config.toml.5.md.
 *
 * <p>This is what containerd reads when it starts, not what it read when it did.
 */
public final class ConfigFiles {
    /** Nobody has more than a dozen. */
    private static final int MAX_FILES = 100;

    /** Go's patterns and Java's mean the same without these. */
    private static final String UNLIKE_GO = "[]{}\\";

    private static final ContainerdVersion SOME_1 = new ContainerdVersion(1, 6, 0);
    private static final ContainerdVersion SOME_2 = new ContainerdVersion(2, 0, 0);

    private final List<ConfigFile> files;

    private ConfigFiles(List<ConfigFile> files) {
        this.files = List.copyOf(files);
    }

    /**
     * Reads the file and what it imports, as containerd does: breadth first, each file once, a pattern's matches in order of their names.
     *
     * @throws ConfigFileException if containerd couldn't, or if it can't be told what containerd would do
     */
    public static ConfigFiles read(Path main) throws ConfigFileException {
        List<ConfigFile> files = new ArrayList<>();
        Set<Path> seen = new HashSet<>();
        Deque<Path> pending = new ArrayDeque<>(List.of(main));
        while (!pending.isEmpty()) {
            Path path = pending.remove();
            if (!seen.add(path)) {
                continue;
            }
            if (files.size() == MAX_FILES) {
                throw new ConfigFileException("%s imports more than %d files".formatted(main, MAX_FILES - 1));
            }
            ConfigFile file = ConfigFile.read(path);
            files.add(file);
            for (String imported : file.imports()) {
                pending.addAll(resolve(path, imported));
            }
        }
        return new ConfigFiles(files);
    }

    private static List<Path> resolve(Path importing, String imported) throws ConfigFileException {
        Path path = importing.resolveSibling(imported).normalize();
        if (!imported.contains("*")) {
            return List.of(path);
        }
        Path directory = requireNonNull(path.getParent(), "a sibling has a parent");
        String pattern = path.getFileName().toString();
        if (directory.toString().contains("*") || pattern.chars().anyMatch(c -> UNLIKE_GO.indexOf(c) >= 0)) {
            throw new ConfigFileException("%s: it isn't known what containerd makes of the import %s"
                    .formatted(importing, Quoted.of(imported)));
        }
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        Set<Path> matches = new TreeSet<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, pattern)) {
            stream.forEach(matches::add);
        } catch (DirectoryIteratorException | IOException e) {
            throw new ConfigFileException("%s, which %s imports, can't be listed".formatted(directory, importing), e);
        }
        return List.copyOf(matches);
    }

    /** The file itself, and then what it imports. */
    public List<Path> paths() {
        return files.stream().map(ConfigFile::path).toList();
    }

    /** When the last of them was changed last. */
    public FileTime lastModified() {
        return files.stream()
                .map(ConfigFile::modified)
                .max(FileTime::compareTo)
                .orElseThrow(() -> new AssertionError("there is at least one file"));
    }

    /**
     * What a release of containerd makes of the files.
     *
     * @param version if it isn't known, they may say only what means the same to all
     * @throws ConfigFileException if that can't be told with certainty
     */
    public PullSettings pullSettings(Optional<ContainerdVersion> version) throws ConfigFileException {
        if (version.isPresent()) {
            return new PluginTables(version.get()).merge(files);
        }
        PullSettings one = new PluginTables(SOME_1).merge(files);
        if (!one.equals(new PluginTables(SOME_2).merge(files))) {
            throw new ConfigFileException(
                    "what %s means depends on containerd's version, which isn't known".formatted(paths()));
        }
        return one;
    }
}
