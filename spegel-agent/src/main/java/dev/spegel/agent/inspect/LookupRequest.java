package dev.spegel.agent.inspect;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Digest;
import dev.spegel.oci.Reference;
import dev.spegel.routing.Key;
import java.time.Duration;

/**
 * A question who has some content.
 *
 * @param maxPeers how many to find, 1 to {@link #MAX_PEERS}
 * @param limit when to give up, 1 ms to {@link #LONGEST}
 */
public record LookupRequest(Key key, int maxPeers, Duration limit) {
    /** Beyond that it is many. */
    public static final int MAX_PEERS = 100;

    /** A look-up in a DHT takes milliseconds; one that asks nodes which are gone, seconds. */
    public static final Duration LONGEST = Duration.ofSeconds(30);

    public LookupRequest {
        requireNonNull(key, "key");
        if (maxPeers < 1 || maxPeers > MAX_PEERS) {
            throw new IllegalArgumentException("a look-up finds 1 to %d peers, got %d".formatted(MAX_PEERS, maxPeers));
        }
        if (limit.toMillis() < 1 || limit.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "a look-up takes 1 ms to %d s, got %s".formatted(LONGEST.toSeconds(), limit));
        }
    }

    /**
     * What names content as people write it: a digest by itself or within a reference, or a tag where there is none. {@code alpine} is
     * {@code docker.io/library/alpine:latest}.
     *
     * @throws dev.spegel.oci.OciSyntaxException if it is neither
     */
    public static Key key(String text) {
        if (text.startsWith("sha256:") || text.startsWith("sha512:")) {
            return Key.of(Digest.parse(text));
        }
        Reference image = Reference.parseLenient(text);
        return image.digest()
                .map(Key::of)
                .or(() -> image.toTag().map(Key::of))
                .orElseThrow(() -> new AssertionError("a reference has a tag or a digest"));
    }
}
