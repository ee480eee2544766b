package dev.spegel.libp2p.host;

import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.multiformats.Quoted;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Why a dial has failed, address by address. */
final class DialFailures {
    /** A message names so many; a log line should stay one. */
    private static final int MAX_NAMED = 8;

    private static final int MAX_REASON_CHARS = 200;

    private final List<String> named = new ArrayList<>();
    private @Nullable Throwable last;
    private int count;
    private int own;

    void add(Multiaddr address, String reason) {
        own += reason.equals(DialCandidates.OWN) ? 1 : 0;
        if (++count <= MAX_NAMED) {
            String cut = reason.length() <= MAX_REASON_CHARS ? reason : reason.substring(0, MAX_REASON_CHARS) + "…";
            named.add(Quoted.of(address.toString()) + " (" + cut + ")");
        }
    }

    void add(Multiaddr address, Throwable failure) {
        last = Outcomes.causeOf(failure);
        add(address, Outcomes.reasonOf(failure));
    }

    /** Whether there were addresses, and all were of this node. */
    boolean areOwnAddresses() {
        return own > 0 && own == count;
    }

    /** @param whom the one who should have been reached */
    IOException toException(String whom) {
        StringBuilder message = new StringBuilder("can't connect to ").append(whom);
        if (count == 0) {
            message.append(": no address is known");
        } else {
            message.append(": ").append(String.join(", ", named));
        }
        if (count > named.size()) {
            message.append(" and ").append(count - named.size()).append(" more");
        }
        return new IOException(message.toString(), last);
    }
}
