package dev.spegel.containerd.mirror;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A host that containerd asks for the images of a registry.
 *
 * @param url as it stands in the file
 * @param capabilities what it may be asked: {@code pull} for content, {@code resolve} for tags; none means all
 */
public record RegistryHost(String url, List<String> capabilities) {
    public RegistryHost {
        requireNonNull(url, "url");
        capabilities = List.copyOf(capabilities);
    }
}
