package dev.spegel.agent.doctor;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.PeersReport;
import dev.spegel.agent.inspect.StatusReport;
import dev.spegel.containerd.ContainerdDetails;
import dev.spegel.containerd.ContainerdVersion;
import dev.spegel.containerd.cri.ConfigFiles;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/**
 * All that was seen of a node.
 *
 * @param settings where it was looked
 * @param containerd what it says of itself
 * @param socketMade when containerd made its socket, which is when it started
 * @param config its configuration
 * @param hosts who is configured to be asked for images
 * @param agent how the agent is doing
 * @param peers whom the agent knows
 * @param tags what became of the tags that it advertises
 */
record Evidence(
        DoctorSettings settings,
        Fact<ContainerdDetails> containerd,
        Fact<FileTime> socketMade,
        Fact<ConfigFiles> config,
        Fact<MirrorHosts> hosts,
        Fact<StatusReport> agent,
        Fact<PeersReport> peers,
        Fact<TagAudit> tags) {
    Evidence {
        requireNonNull(settings, "settings");
        requireNonNull(containerd, "containerd");
        requireNonNull(socketMade, "socketMade");
        requireNonNull(config, "config");
        requireNonNull(hosts, "hosts");
        requireNonNull(agent, "agent");
        requireNonNull(peers, "peers");
        requireNonNull(tags, "tags");
    }

    /** Empty also if it says something else than a version. */
    Optional<ContainerdVersion> containerdVersion() {
        return containerd.value().flatMap(details -> ContainerdVersion.parse(details.version()));
    }
}
