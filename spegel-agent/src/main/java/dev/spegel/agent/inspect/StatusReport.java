package dev.spegel.agent.inspect;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a running agent is doing.
 *
 * @param version of the program
 * @param instance made anew at each start; its registry says it in the header {@code Spegel-Instance} of {@code /v2/}
 * @param uptime since it started
 * @param registry where its registry listens, {@code host:port}
 * @param tls whether that speaks TLS
 * @param notReadyBecause why it isn't ready, if it isn't
 * @param remarks what there is to know besides, of containerd for instance, each for people
 * @param containerd what containerds have asked it
 */
public record StatusReport(
        String version,
        String instance,
        Duration uptime,
        String registry,
        boolean tls,
        Optional<String> notReadyBecause,
        List<String> remarks,
        ContainerdRequests containerd) {
    public StatusReport {
        requireNonNull(version, "version");
        requireNonNull(instance, "instance");
        requireNonNull(uptime, "uptime");
        requireNonNull(registry, "registry");
        requireNonNull(notReadyBecause, "notReadyBecause");
        remarks = List.copyOf(remarks);
        requireNonNull(containerd, "containerd");
    }

    /**
     * Requests for manifests and blobs since the start by clients that call themselves containerd, other nodes' agents left out.
     *
     * @param last the last of them, if there was one
     */
    public record ContainerdRequests(long count, Optional<LastRequest> last) {
        public ContainerdRequests {
            requireNonNull(last, "last");
        }
    }

    /**
     * One request.
     *
     * @param ago how long ago it came
     * @param client as it calls itself, {@code containerd/1.6.20~ds1}, cut short
     */
    public record LastRequest(Duration ago, String client) {
        public LastRequest {
            requireNonNull(ago, "ago");
            requireNonNull(client, "client");
        }
    }
}
