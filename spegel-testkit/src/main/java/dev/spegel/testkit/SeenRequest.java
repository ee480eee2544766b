package dev.spegel.testkit;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A request that a {@link FaultyPeer} has read.
 *
 * @param target the path and query as they were sent
 * @param headers by lower-case name, values in the order of arrival
 */
public record SeenRequest(String method, String target, Map<String, List<String>> headers) {
    public SeenRequest {
        requireNonNull(method, "method");
        requireNonNull(target, "target");
        headers = Map.copyOf(headers);
    }

    /** The first value of a header, whose name may be in any case. */
    public Optional<String> header(String name) {
        return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()).stream()
                .findFirst();
    }
}
