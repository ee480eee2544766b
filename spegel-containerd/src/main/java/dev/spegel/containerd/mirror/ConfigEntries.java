package dev.spegel.containerd.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Quoted;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads what lies in a directory of registries. Nothing here changes it. */
final class ConfigEntries {
    static final String HOSTS_TOML = "hosts.toml";

    /** A file for each of some thousand registries; a directory with more is not one of registries. */
    static final int MAX_ENTRIES = 10_000;

    /** All of it is copied once; certificates have a few KiB. */
    static final long MAX_TOTAL_BYTES = 64L << 20;

    private static final long MAX_HOSTS_TOML_BYTES = 1L << 20;

    private ConfigEntries() {}

    /** What lies in the directory, by name; empty if there is no such directory. */
    static SortedMap<String, Path> list(Path directory) throws MirrorConfigurationException {
        SortedMap<String, Path> entries = new TreeMap<>();
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return entries;
        }
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            for (Path entry : stream) {
                entries.put(entry.getFileName().toString(), entry);
            }
        } catch (DirectoryIteratorException e) {
            throw MirrorConfigurationException.because("list " + directory, requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw MirrorConfigurationException.because("list " + directory, e);
        }
        return entries;
    }

    /** @throws MirrorConfigurationException if there is more than a backup should hold, or something that can't be copied */
    static void requireOrdinary(Path directory) throws MirrorConfigurationException {
        Census census = new Census(directory);
        try {
            Files.walkFileTree(directory, census);
        } catch (IOException e) {
            throw MirrorConfigurationException.because("read " + directory, e);
        }
    }

    /** Whether this is a directory, and no link to one. */
    static boolean isDirectory(Path path) {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** The text of a file, followed if it is a link; empty if there is none. */
    static Optional<String> text(Path file) throws MirrorConfigurationException {
        try {
            if (!Files.exists(file)) {
                if (Files.isSymbolicLink(file)) {
                    throw new MirrorConfigurationException(file + " is a symbolic link to nothing");
                }
                return Optional.empty();
            }
            if (Files.size(file) > MAX_HOSTS_TOML_BYTES) {
                throw new MirrorConfigurationException(
                        "%s: a hosts.toml has at most 1 MiB, this has %d bytes".formatted(file, Files.size(file)));
            }
            return Optional.of(Files.readString(file, UTF_8));
        } catch (CharacterCodingException e) {
            throw MirrorConfigurationException.because("read " + file, new IOException("it isn't UTF-8", e));
        } catch (IOException e) {
            throw MirrorConfigurationException.because("read " + file, e);
        }
    }

    /**
     * What containerd makes of a registry's directory: of its {@code hosts.toml} or else of the certificates that lie there.
     *
     * @throws MirrorConfigurationException if it would ignore the file
     */
    static HostsFile hosts(Path directory) throws MirrorConfigurationException {
        Optional<String> text = text(directory.resolve(HOSTS_TOML)).filter(content -> !content.isEmpty());
        if (text.isEmpty()) {
            return HostsFile.ofCertificates(list(directory).keySet());
        }
        try {
            return HostsFile.parse(text.get());
        } catch (IllegalArgumentException e) {
            throw new MirrorConfigurationException(
                    "%s: containerd can't use this file: %s".formatted(directory.resolve(HOSTS_TOML), e.getMessage()));
        }
    }

    /** Whether Spegel wrote the {@code hosts.toml} of this directory, this implementation or the other. */
    static boolean isOfSpegel(Path directory) {
        if (!isDirectory(directory)) {
            return false;
        }
        try {
            Optional<String> text = text(directory.resolve(HOSTS_TOML));
            return text.isPresent()
                    && (text.get().startsWith(HostsFile.MARK)
                            || HostsFile.parse(text.get()).isOfTheGoImplementation());
        } catch (MirrorConfigurationException | IllegalArgumentException e) {
            return false; // neither writes what can't be read
        }
    }

    private static final class Census extends SimpleFileVisitor<Path> {
        private final Path root;
        private int entries;
        private long bytes;

        Census(Path root) {
            this.root = root;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) throws IOException {
            boolean ours = directory.getParent() != null
                    && directory.getParent().equals(root)
                    && MirrorDirectory.OWN_NAMES.contains(
                            directory.getFileName().toString());
            if (ours) {
                return FileVisitResult.SKIP_SUBTREE;
            }
            if (directory.endsWith(HOSTS_TOML)) {
                throw new MirrorConfigurationException(directory + " is a directory, not a file");
            }
            count(0);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            if (attributes.isOther()) {
                throw new MirrorConfigurationException(
                        "%s is neither a file, a directory nor a symbolic link; it can't be put into the backup"
                                .formatted(file));
            }
            count(attributes.size());
            return FileVisitResult.CONTINUE;
        }

        private void count(long size) throws MirrorConfigurationException {
            entries++;
            bytes += size;
            if (entries > MAX_ENTRIES || bytes > MAX_TOTAL_BYTES) {
                throw new MirrorConfigurationException(
                        "%s holds more than %d files or %d MiB: that is no directory of registries"
                                .formatted(Quoted.of(root.toString()), MAX_ENTRIES, MAX_TOTAL_BYTES >> 20));
            }
        }
    }
}
