package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.util.List;

/** Hears what a search finds, as it is found. Called on the host's event loop; must not block. */
public interface SearchListener {
    /**
     * A peer that was searched for; never this node itself. Each is told once, and once more if its addresses turn up only later.
     *
     * @param addresses where it listens, as others say; may be empty
     */
    void found(PeerId peer, List<Multiaddr> addresses);

    /**
     * The search is over. The last call, and always made unless the search was cancelled.
     *
     * @param complete whether all were asked who would know, or as many were found as were wanted; false if nobody answered, the
     *     time was up, or the DHT was closed
     */
    void ended(boolean complete);
}
