package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The requests on their way to others, each with what is to become of its answer. All have the same limit. */
final class Requests {
    /** What a request was made for. */
    interface Purpose {
        /** The answer; to an announcement, one without content. */
        void answered(KadMessage answer, long nowNanos);

        void failed(long nowNanos);

        /** Whether the answer would still be of use. */
        default boolean isWanted() {
            return true;
        }
    }

    /** @param expects the type of the answer, if there is to be one */
    record Sent(long id, PeerId peer, Optional<KadMessage.Type> expects, Purpose purpose, long limitNanos) {}

    private final long limitNanos;
    private final Map<Long, Sent> sent = new LinkedHashMap<>();
    private long lastId;

    Requests(Duration limit) {
        limitNanos = limit.toNanos();
    }

    long add(PeerId peer, Optional<KadMessage.Type> expects, Purpose purpose, long nowNanos) {
        long id = ++lastId;
        sent.put(id, new Sent(id, peer, expects, purpose, nowNanos + limitNanos));
        return id;
    }

    /** Takes the request out; empty if it's unknown or too late. */
    Optional<Sent> end(long id) {
        return Optional.ofNullable(sent.remove(id));
    }

    /** Whether a request that isn't on its way yet is still to be sent. If nobody wants its answer any more, it's taken out. */
    boolean isWanted(long id) {
        Sent request = sent.get(id);
        if (request != null && !request.purpose().isWanted()) {
            sent.remove(id);
            return false;
        }
        return request != null;
    }

    /** A request whose time is up. They were added in the order in which they expire. */
    Optional<Sent> expired(long nowNanos) {
        return oldest().filter(request -> nowNanos - request.limitNanos() >= 0);
    }

    /** When the next request expires; {@code latest} if that's earlier. */
    long wakeNanos(long latest) {
        return oldest().map(Sent::limitNanos)
                .filter(limit -> limit - latest < 0)
                .orElse(latest);
    }

    private Optional<Sent> oldest() {
        return sent.values().stream().findFirst();
    }

    int size() {
        return sent.size();
    }
}
