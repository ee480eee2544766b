package dev.spegel.agent.doctor;

import static java.util.Objects.requireNonNull;

import dev.spegel.routing.Credentials;
import dev.spegel.routing.PeerAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * Where to look.
 *
 * @param socket containerd's
 * @param configFile containerd's own configuration
 * @param registryConfigPath where {@code spegel configuration} writes, and containerd should read
 * @param agent where the agent serves its metrics
 * @param credentials what the agent's registry wants to see, if it does
 * @param tls what registries are asked with over TLS; without it they must have a certificate that the Java platform believes
 */
public record DoctorSettings(
        Path socket,
        Path configFile,
        Path registryConfigPath,
        PeerAddress agent,
        Optional<Credentials> credentials,
        Optional<Supplier<SSLContext>> tls) {
    public DoctorSettings {
        requireNonNull(socket, "socket");
        requireNonNull(configFile, "configFile");
        requireNonNull(registryConfigPath, "registryConfigPath");
        requireNonNull(agent, "agent");
        requireNonNull(credentials, "credentials");
        requireNonNull(tls, "tls");
    }

    /** Nothing of TLS is known. */
    public DoctorSettings(
            Path socket,
            Path configFile,
            Path registryConfigPath,
            PeerAddress agent,
            Optional<Credentials> credentials) {
        this(socket, configFile, registryConfigPath, agent, credentials, Optional.empty());
    }
}
