package dev.spegel.containerd.cri;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.spegel.containerd.ContainerdVersion;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the settings of pulls in the tables of plugins, as one release of containerd does.
 *
 * <p>Outline. containerd 1 has one table for the CRI plugin, containerd 2 one for its images. Files of version 1 and 2 with the old
 * table are brought to the new form, as containerd 2 does it ({@code migrateConfig} in its plugins/cri/images). A later file replaces
 * a plugin's table whole in containerd 1, and setting by setting in containerd 2 ({@code mergeConfig} in its cmd/containerd/server/config).
 */
final class PluginTables {
    private static final String OLD = "io.containerd.grpc.v1.cri";
    private static final String OLD_IN_VERSION_1 = "cri";
    private static final String NEW = "io.containerd.cri.v1.images";

    /** The first format that knows the new table only. */
    private static final int NEW_FORMAT = 3;

    private static final int DEFAULT_DOWNLOADS = 3;

    private static final String REGISTRY = "registry";
    private static final String CONFIG_PATH = "config_path";
    private static final String DISCARD = "discard_unpacked_layers";
    private static final String ANNOTATIONS = "disable_snapshot_annotations";
    private static final String DOWNLOADS = "max_concurrent_downloads";
    private static final String SYNC_FS = "image_pull_with_sync_fs";
    private static final String LOCAL = "use_local_image_pull";

    private static final List<String> OTHER_REGISTRY_TABLES = List.of("mirrors", "configs", "auths");

    /** All that counts here. */
    private static final Set<String> CONCERNED = Set.of(CONFIG_PATH, DISCARD, ANNOTATIONS, DOWNLOADS, SYNC_FS, LOCAL);

    private final ContainerdVersion version;

    PluginTables(ContainerdVersion version) {
        this.version = requireNonNull(version, "version");
    }

    PullSettings merge(List<ConfigFile> files) throws ConfigFileException {
        ObjectNode images = JsonNodeFactory.instance.objectNode();
        Set<String> disabled = new HashSet<>();
        for (ConfigFile file : files) {
            ObjectNode ofFile = imagesOf(file);
            if (isContainerd2()) {
                mergeInto(images, ofFile, file);
            } else if (!ofFile.isEmpty()) {
                images = ofFile;
            }
            file.disabledPlugins().forEach(name -> disabled.add(fullName(name, file)));
        }
        return settings(images, disabled.contains(OLD) || (isContainerd2() && disabled.contains(NEW)));
    }

    private boolean isContainerd2() {
        return version.isAtLeast(2, 0);
    }

    private static String fullName(String plugin, ConfigFile file) {
        return file.version() == 1 && plugin.equals(OLD_IN_VERSION_1) ? OLD : plugin;
    }

    /** The table for images, in the new form. */
    private ObjectNode imagesOf(ConfigFile file) {
        ObjectNode images = JsonNodeFactory.instance.objectNode();
        if (isContainerd2() && file.plugin(NEW) instanceof ObjectNode table) {
            images.setAll(table.deepCopy());
        }
        if (!isContainerd2() || file.version() < NEW_FORMAT) {
            JsonNode old =
                    file.plugin(file.version() == 1 && file.plugin(OLD).isMissingNode() ? OLD_IN_VERSION_1 : OLD);
            for (String key : List.of(REGISTRY, DOWNLOADS, SYNC_FS)) {
                copy(old, key, images);
            }
            for (String key : List.of(DISCARD, ANNOTATIONS)) {
                copy(old.path("containerd"), key, images);
            }
        }
        return images;
    }

    private static void copy(JsonNode from, String key, ObjectNode to) {
        if (from.has(key)) {
            to.set(key, from.get(key).deepCopy());
        }
    }

    private static void mergeInto(ObjectNode merged, ObjectNode later, ConfigFile file) throws ConfigFileException {
        for (Map.Entry<String, JsonNode> entry : later.properties()) {
            String key = entry.getKey();
            JsonNode value = entry.getValue();
            JsonNode before = merged.path(key);
            if (before instanceof ObjectNode table && value instanceof ObjectNode laterTable) {
                mergeInto(table, laterTable, file);
            } else {
                // Whether an empty value wins differs between the releases of the library that merges.
                if (CONCERNED.contains(key) && isEmpty(value) && !before.isMissingNode() && !isEmpty(before)) {
                    throw new ConfigFileException(
                            "%s sets %s = %s, an earlier file %s; which of them wins can't be told from the files"
                                    .formatted(file.path(), key, value, before));
                }
                merged.set(key, value);
            }
        }
    }

    private static boolean isEmpty(JsonNode value) {
        return value.asText().isEmpty()
                || (value.isBoolean() && !value.booleanValue())
                || (value.isNumber() && value.longValue() == 0);
    }

    private PullSettings settings(ObjectNode images, boolean disabled) {
        JsonNode registry = images.path(REGISTRY);
        List<String> otherTables = OTHER_REGISTRY_TABLES.stream()
                .filter(table -> !registry.path(table).isEmpty())
                .toList();
        boolean discards = images.path(DISCARD).asBoolean(false);
        return new PullSettings(
                registry.path(CONFIG_PATH).asText(""),
                otherTables,
                discards,
                localPullReasons(images, discards, otherTables),
                disabled);
    }

    /** {@code CheckLocalImagePullConfigs} in containerd's internal/cri/config. */
    private static List<String> localPullReasons(ObjectNode images, boolean discards, List<String> otherTables) {
        List<String> reasons = new ArrayList<>();
        if (images.path(LOCAL).asBoolean(false)) {
            reasons.add(LOCAL + " = true");
        }
        if (discards) {
            reasons.add(DISCARD + " = true");
        }
        if (!images.path(ANNOTATIONS).asBoolean(true)) {
            reasons.add(ANNOTATIONS + " = false");
        }
        int downloads = images.path(DOWNLOADS).asInt(DEFAULT_DOWNLOADS);
        if (downloads != DEFAULT_DOWNLOADS) {
            reasons.add(DOWNLOADS + " = " + downloads);
        }
        if (images.path(SYNC_FS).asBoolean(false)) {
            reasons.add(SYNC_FS + " = true");
        }
        otherTables.forEach(table -> reasons.add("registry." + table));
        return reasons;
    }
}
