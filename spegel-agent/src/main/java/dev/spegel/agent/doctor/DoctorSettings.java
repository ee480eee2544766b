package dev.spegel.agent.doctor;

import static java.util.Objects.requireNonNull;

import dev.spegel.routing.Credentials;
import dev.spegel.routing.PeerAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where to look.
 *
 * @param socket containerd's
 * @param configFile containerd's own configuration
 * @param registryConfigPath where {@code spegel configuration} writes, and containerd should read
 * @param agent where the agent serves its metrics
 * @param credentials what the agent's registry wants to see, if it does
 */
public record DoctorSettings(
        Path socket, Path configFile, Path registryConfigPath, PeerAddress agent, Optional<Credentials> credentials) {
    public DoctorSettings {
        requireNonNull(socket, "socket");
        requireNonNull(configFile, "configFile");
        requireNonNull(registryConfigPath, "registryConfigPath");
        requireNonNull(agent, "agent");
        requireNonNull(credentials, "credentials");
    }
}
