package dev.spegel.agent.inspect;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Requests that a node's store couldn't answer, and so its mirror tried to.
 *
 * @param seen how many there were since the start
 * @param requests the last of them, newest first, {@link ActivityView#MAX_REQUESTS} at most
 */
public record RequestsReport(long seen, List<MirrorRequest> requests) {
    public RequestsReport {
        requests = List.copyOf(requests);
    }

    /**
     * One of them.
     *
     * @param id its {@code X-Request-Id}, under which nodes log of it
     * @param ago how long ago it ended
     * @param method {@code GET} or {@code HEAD}
     * @param kind {@code manifest} or {@code blob}
     * @param content {@code registry/repository:tag} or {@code registry/repository@digest}; without the registry if none was named
     * @param hit whether a peer had it
     * @param servedBy {@code host:port} of that peer
     * @param status the answer's, as in HTTP
     * @param bytes how much of the answer's body was sent
     * @param elapsed from its headers to the last byte
     * @param whyNot why there was no answer, or not all of it
     */
    public record MirrorRequest(
            String id,
            Duration ago,
            String method,
            String kind,
            String content,
            boolean hit,
            Optional<String> servedBy,
            int status,
            long bytes,
            Duration elapsed,
            Optional<String> whyNot) {
        public MirrorRequest {
            requireNonNull(id, "id");
            requireNonNull(ago, "ago");
            requireNonNull(method, "method");
            requireNonNull(kind, "kind");
            requireNonNull(content, "content");
            requireNonNull(servedBy, "servedBy");
            requireNonNull(elapsed, "elapsed");
            requireNonNull(whyNot, "whyNot");
        }
    }
}
