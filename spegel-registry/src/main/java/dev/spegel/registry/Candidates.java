package dev.spegel.registry;

import dev.spegel.routing.Peer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The peers that one search may ask, and the choice among them: those not asked yet come before those that another peer outran, both
 * before those that stalled, and all before those in quarantine. Whoever failed isn't asked again, and whoever is too busy not before the
 * time that it says. Used by one thread.
 */
final class Candidates {
    private final PeerLoads loads;
    private final PeerQuarantine quarantine;
    private final Set<String> known = new HashSet<>();
    private final Set<String> outrun = new HashSet<>();
    private final Set<String> stalled = new HashSet<>();
    private final List<Peer> atHand = new ArrayList<>();

    Candidates(PeerLoads loads, PeerQuarantine quarantine) {
        this.loads = loads;
        this.quarantine = quarantine;
    }

    /** Takes a peer that a look-up found. Says whether it is a new one that may be asked now, neither in quarantine nor too busy. */
    boolean add(Peer peer) {
        if (!known.add(peer.id())) {
            return false;
        }
        atHand.add(peer);
        return !quarantine.contains(peer) && loads.busyNanos(peer) == 0;
    }

    /** The peer to ask next, counted as in use; empty if none is left that isn't in quarantine. */
    Optional<PeerLoads.Use> next() {
        List<Peer> fresh = new ArrayList<>();
        List<Peer> slow = new ArrayList<>();
        for (Peer peer : atHand) {
            if (isGood(peer)) {
                (outrun.contains(peer.id()) ? slow : fresh).add(peer);
            }
        }
        return take(fresh.isEmpty() ? slow : fresh);
    }

    /** Whether {@link #next} would give one. */
    boolean hasOther() {
        return atHand.stream().anyMatch(this::isGood);
    }

    /** Like {@link #next}, but takes one that stalled, and then one in quarantine, too: for when nobody else is left. */
    Optional<PeerLoads.Use> lastResort() {
        return next().or(() -> take(atHand.stream()
                        .filter(peer -> isFree(peer) && !quarantine.contains(peer))
                        .toList()))
                .or(() -> take(atHand.stream().filter(this::isFree).toList()));
    }

    /** Takes back a peer that was asked and did nothing wrong. */
    void giveBack(Peer peer) {
        outrun.add(peer.id());
        atHand.add(peer);
    }

    /** Takes back a peer that made no progress for less time than it may. */
    void giveBackStalled(Peer peer) {
        stalled.add(peer.id());
        atHand.add(peer);
    }

    /** After how long the first of those who are too busy now may be asked again; empty if nobody is. */
    OptionalLong busyNanos() {
        return atHand.stream()
                .mapToLong(loads::busyNanos)
                .filter(nanos -> nanos > 0)
                .min();
    }

    /** How many peers were asked and can't be asked again. */
    int spent() {
        return known.size() - atHand.size();
    }

    private boolean isGood(Peer peer) {
        return isFree(peer) && !stalled.contains(peer.id()) && !quarantine.contains(peer);
    }

    private boolean isFree(Peer peer) {
        return loads.busyNanos(peer) == 0;
    }

    private Optional<PeerLoads.Use> take(List<Peer> choice) {
        Optional<PeerLoads.Use> use = loads.begin(choice);
        use.ifPresent(taken -> atHand.remove(taken.peer()));
        return use;
    }
}
