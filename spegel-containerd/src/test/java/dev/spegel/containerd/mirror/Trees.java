package dev.spegel.containerd.mirror;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Directories as maps: relative path to text. A link's text is {@code -> target}, an empty directory's is {@code <directory>}. */
final class Trees {
    private static final String LINK = "-> ";
    private static final String EMPTY = "<directory>";

    private Trees() {}

    static void write(Path root, Map<String, String> tree) throws IOException {
        Files.createDirectories(root);
        for (Map.Entry<String, String> entry : tree.entrySet()) {
            Path path = root.resolve(entry.getKey());
            Files.createDirectories(path.getParent());
            if (entry.getValue().startsWith(LINK)) {
                Files.createSymbolicLink(path, Path.of(entry.getValue().substring(LINK.length())));
            } else if (entry.getValue().equals(EMPTY)) {
                Files.createDirectory(path);
            } else {
                Files.writeString(path, entry.getValue());
            }
        }
    }

    static SortedMap<String, String> read(Path root) throws IOException {
        SortedMap<String, String> tree = new TreeMap<>();
        if (!Files.exists(root)) {
            return tree;
        }
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                String name = root.relativize(path).toString();
                if (Files.isSymbolicLink(path)) {
                    tree.put(name, LINK + Files.readSymbolicLink(path));
                } else if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                    tree.put(name, Files.readString(path));
                } else if (!path.equals(root) && ConfigEntries.list(path).isEmpty()) {
                    tree.put(name, EMPTY);
                }
            }
        }
        return tree;
    }

    /** Those below this name, relative to it. */
    static SortedMap<String, String> below(String name, Map<String, String> tree) {
        SortedMap<String, String> result = new TreeMap<>();
        tree.forEach((path, text) -> {
            if (path.startsWith(name + "/")) {
                result.put(path.substring(name.length() + 1), text);
            }
        });
        return result;
    }

    /** All but those below this name. */
    static SortedMap<String, String> without(String name, Map<String, String> tree) {
        SortedMap<String, String> result = new TreeMap<>(tree);
        result.keySet().removeIf(path -> path.equals(name) || path.startsWith(name + "/"));
        return result;
    }
}
