package dev.spegel.containerd.cri;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What the CRI plugin, which pulls for kubelet, is told by containerd's configuration. What isn't set there has the plugin's default.
 *
 * @param configPath where hosts of registries are configured; empty if unset, which is the default
 * @param otherRegistryTables the tables {@code mirrors}, {@code configs} and {@code auths} that aren't empty: the older way
 * @param discardsUnpackedLayers whether layers are deleted once they are unpacked
 * @param localPullReasons the settings, as {@code max_concurrent_downloads = 5}, that keep containerd 2.1 and later from pulling
 *     through its transfer service
 * @param disabled whether the plugin is among {@code disabled_plugins}
 */
public record PullSettings(
        String configPath,
        List<String> otherRegistryTables,
        boolean discardsUnpackedLayers,
        List<String> localPullReasons,
        boolean disabled) {
    public PullSettings {
        requireNonNull(configPath, "configPath");
        otherRegistryTables = List.copyOf(otherRegistryTables);
        localPullReasons = List.copyOf(localPullReasons);
    }
}
