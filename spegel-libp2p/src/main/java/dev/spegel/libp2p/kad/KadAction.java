package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.util.List;

/** What a {@link KadNode} wants done, or has to tell. */
public sealed interface KadAction {
    /**
     * Send a request and read its answer: on a stream kept for the peer, dialling first if need be. Report to
     * {@link KadNode#answered} or {@link KadNode#failed}; an answer later than {@link LookupConfig#requestLimit} is ignored.
     *
     * @param addresses where the peer may be dialled; may be empty, when only an open connection helps
     */
    record Ask(long requestId, PeerId peer, List<Multiaddr> addresses, KadMessage message) implements KadAction {
        /** Copies the addresses. */
        public Ask {
            addresses = List.copyOf(addresses);
        }
    }

    /**
     * Tell the peer that this node has all of {@code keys}: on a stream of its own, write a {@link KadMessage#addProvider} for
     * each one after the other, end the writing side, and wait for the peer to end its own. Report to {@link KadNode#announced},
     * or to {@link KadNode#failed} if it reset the stream. There are no answers.
     */
    record Announce(long requestId, PeerId peer, List<Multiaddr> addresses, List<KadKey> keys) implements KadAction {
        /** Copies the lists. */
        public Announce {
            addresses = List.copyOf(addresses);
            keys = List.copyOf(keys);
        }
    }

    /**
     * These keys have been announced to the peers nearest to them; or they couldn't be for now, and will be when that's possible.
     * Told when {@link KadNode#provide} is called for keys that are announced already, when that has happened, and when it fails.
     */
    record Provided(List<KadKey> keys, boolean sent) implements KadAction {
        /** Copies the list. */
        public Provided {
            keys = List.copyOf(keys);
        }
    }

    /**
     * A lookup came across a provider: once for each, and once more if its addresses turn up only later.
     *
     * @param addresses where it listens; may be empty
     */
    record Found(long lookupId, PeerId provider, List<Multiaddr> addresses) implements KadAction {
        /** Copies the addresses. */
        public Found {
            addresses = List.copyOf(addresses);
        }
    }

    /**
     * A lookup is over; nothing more comes of it.
     *
     * @param closest the peers nearest to the key, nearest first; some may not have been asked
     * @param complete whether it converged or found all it was to find; false if nobody answered or it ran into its limit
     * @param asked how many peers were asked
     * @param hops how many answers in a row led to the farthest-fetched of them
     */
    record Finished(long lookupId, List<PeerId> closest, boolean complete, int asked, int hops) implements KadAction {
        /** Copies the list. */
        public Finished {
            closest = List.copyOf(closest);
        }
    }
}
