package dev.spegel.containerd.cri;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import dev.spegel.oci.Quoted;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;

/**
 * One file.
 *
 * @param version of its format: 1 names plugins by their ID, 2 by type and ID, 3 has containerd 2's plugins; later ones differ in
 *     other tables
 */
record ConfigFile(Path path, FileTime modified, int version, JsonNode root) {
    /** What a file has that says no version: containerd's docs/man/containerd-config.toml.5.md. */
    private static final int UNVERSIONED = 1;

    /** All of the defaults written out are 10 KiB. */
    private static final long MAX_BYTES = 1L << 20;

    private static final TomlMapper TOML = new TomlMapper();

    ConfigFile {
        requireNonNull(path, "path");
        requireNonNull(modified, "modified");
        requireNonNull(root, "root");
    }

    static ConfigFile read(Path path) throws ConfigFileException {
        try {
            long size = Files.size(path);
            if (size > MAX_BYTES) {
                throw new ConfigFileException(
                        "%s has %d bytes; a configuration has at most 1 MiB".formatted(path, size));
            }
            return parse(path, Files.getLastModifiedTime(path), Files.readString(path, UTF_8));
        } catch (ConfigFileException e) {
            throw e;
        } catch (NoSuchFileException e) {
            throw new ConfigFileException("there is no " + path, e);
        } catch (AccessDeniedException e) {
            throw new ConfigFileException("%s can't be read: permission denied".formatted(path), e);
        } catch (CharacterCodingException e) {
            throw new ConfigFileException(path + " isn't UTF-8", e);
        } catch (IOException e) {
            throw new ConfigFileException("%s can't be read: %s".formatted(path, e.getMessage()), e);
        }
    }

    static ConfigFile parse(Path path, FileTime modified, String text) throws ConfigFileException {
        JsonNode root;
        try {
            root = TOML.readTree(text);
        } catch (JacksonException e) {
            throw new ConfigFileException(
                    "%s isn't TOML in line %d: %s"
                            .formatted(path, Math.max(1, e.getLocation().getLineNr()), e.getOriginalMessage()),
                    e);
        }
        JsonNode version = root.path("version");
        if (!version.isMissingNode() && !version.isInt()) {
            throw new ConfigFileException(
                    "%s: version is a number, got %s".formatted(path, Quoted.of(version.toString())));
        }
        return new ConfigFile(path, modified, Math.max(UNVERSIONED, version.asInt(0)), root);
    }

    /** Further files, or patterns of such, as they are written. */
    List<String> imports() {
        return texts("imports");
    }

    List<String> disabledPlugins() {
        return texts("disabled_plugins");
    }

    private List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        root.path(key).forEach(each -> texts.add(each.asText()));
        return texts;
    }

    /** The table of a plugin; a missing node if there is none. */
    JsonNode plugin(String name) {
        return root.path("plugins").path(name);
    }
}
