package dev.spegel.containerd;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.Optional;

/**
 * A plugin of containerd, as it describes itself.
 *
 * @param type {@code io.containerd.grpc.v1}
 * @param id {@code cri}; unique for its type
 * @param exports what it tells others, by name; which there are differs from release to release
 * @param failure why it didn't start, if it didn't
 */
public record ContainerdPlugin(String type, String id, Map<String, String> exports, Optional<String> failure) {
    public ContainerdPlugin {
        requireNonNull(type, "type");
        requireNonNull(id, "id");
        exports = Map.copyOf(exports);
        requireNonNull(failure, "failure");
    }
}
