package dev.spegel.containerd;

import static java.util.Objects.requireNonNull;

import dev.spegel.containerd.internal.Plugin;
import dev.spegel.oci.store.StoreException;
import java.util.List;
import java.util.Optional;

/**
 * What a containerd says of itself.
 *
 * @param version as whoever built it wrote it
 * @param plugins all that it was built with; those that are disabled are missing
 */
public record ContainerdDetails(String version, List<ContainerdPlugin> plugins) {
    public ContainerdDetails {
        requireNonNull(version, "version");
        plugins = List.copyOf(plugins);
    }

    /**
     * Asks the containerd at a socket. Blocks for two calls at most, and obeys interruption.
     *
     * @throws StoreException if it doesn't answer, with the reason
     */
    public static ContainerdDetails ask(ContainerdConfig config) throws StoreException {
        try (ContainerdClient client = new ContainerdClient(config)) {
            return new ContainerdDetails(
                    client.version(),
                    client.plugins().stream().map(ContainerdDetails::described).toList());
        }
    }

    private static ContainerdPlugin described(Plugin plugin) {
        Optional<String> failure =
                plugin.hasInitErr() ? Optional.of(plugin.getInitErr().getMessage()) : Optional.empty();
        return new ContainerdPlugin(plugin.getType(), plugin.getId(), plugin.getExportsMap(), failure);
    }

    /** The plugin of this type and name, if there is one. */
    public Optional<ContainerdPlugin> plugin(String type, String id) {
        return plugins.stream()
                .filter(plugin -> plugin.type().equals(type) && plugin.id().equals(id))
                .findFirst();
    }
}
