package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Decides who is in the routing table: asks those that are met for themselves before they come in, puts out who fails, tries the
 * lost again, and keeps the table filled with lookups. Rules and numbers are those of go-libp2p-kad-dht; the lost are ours, and so
 * is {@link Settling}.
 */
final class Membership {
    /** Told of what changes. */
    interface Listener {
        /** The peer is in the table now. */
        void joined(PeerId peer, long nowNanos);

        /** The table has just lost its last peer. */
        void alone();
    }

    /** Peers being asked for themselves at a time: go-libp2p-kad-dht, {@code lookupChecks}. Further ones get no chance now. */
    static final int MAX_CHECKS = 256;

    /** With no more peers than this, those connected are tried again: go-libp2p-kad-dht, {@code minRTRefreshThreshold}. */
    static final int FEW_PEERS = 10;

    /** How often that is done: go-libp2p-kad-dht, {@code periodicBootstrapInterval}. */
    static final Duration FEW_PEERS_INTERVAL = Duration.ofMinutes(2);

    /** The limit of a refresh's lookup: go-libp2p-kad-dht, {@code rtrefresh}. */
    static final Duration REFRESH_LOOKUP_LIMIT = Duration.ofSeconds(10);

    /** A lost peer that returns may bring others: the table is refreshed, but not more often than this. */
    static final Duration MIN_REFRESH_INTERVAL = Duration.ofMinutes(1);

    /** Connections remembered, so as to try their peers when the table runs low. A host has fewer. */
    static final int MAX_CONNECTED = 4096;

    private final PeerId self;
    private final KadConfig config;
    private final RoutingTable table;
    private final TableRefresh refresh;
    private final Lookups lookups;
    private final Lookups.Sender sender;
    private final Listener listener;
    private final Duration grace;
    private final LostPeers lost;
    private final Settling settling = new Settling();
    private final Set<PeerId> checking = new HashSet<>();
    /** Connected peers, and whether each serves the DHT. */
    private final Map<PeerId, Boolean> connected = new LinkedHashMap<>();

    private boolean refreshing;
    private boolean refreshWanted;
    private int refreshes;
    private long refreshedNanos;
    private long fewNanos;

    Membership(
            PeerId self,
            KadConfig config,
            RoutingTable table,
            TableRefresh refresh,
            Lookups lookups,
            Lookups.Sender sender,
            Listener listener,
            long nowNanos) {
        this.self = self;
        this.config = config;
        this.table = table;
        this.refresh = refresh;
        this.lookups = lookups;
        this.sender = sender;
        this.listener = listener;
        grace = grace(config);
        refreshedNanos = nowNanos;
        lost = new LostPeers(nowNanos);
        fewNanos = nowNanos;
    }

    /**
     * For how long a member may go without being asked: if every refresh asks {@code concurrency} of a bucket's members at random,
     * by then the chance that one was missed is 1 in {@code bucketSize}. 43.2 minutes by default.
     */
    private static Duration grace(KadConfig config) {
        double size = Math.max(2, config.bucketSize());
        double asked = Math.min(config.lookup().concurrency() / size, 0.5);
        double rounds = Math.log(1 / size) / Math.log(1 - asked);
        return Duration.ofNanos((long) (config.refreshInterval().toNanos() * rounds));
    }

    /** A peer has said what it serves. */
    void met(PeerId peer, boolean servesDht, long nowNanos) {
        if (connected.containsKey(peer) || connected.size() < MAX_CONNECTED) {
            connected.put(peer, servesDht);
        }
        if (servesDht) {
            check(peer, nowNanos);
        } else {
            lost.remove(peer);
            remove(peer);
        }
    }

    /** The last connection to a peer has ended, which says nothing about its health. */
    void left(PeerId peer) {
        connected.remove(peer);
    }

    boolean isConnected(PeerId peer) {
        return connected.containsKey(peer);
    }

    /** Whether the peer's addresses are worth keeping. */
    boolean needs(PeerId peer) {
        return table.contains(peer) || connected.containsKey(peer) || lost.contains(peer);
    }

    /** A peer has answered a request, whatever it was. */
    void answered(PeerId peer, long nowNanos) {
        table.answered(peer, nowNanos);
        boolean wasLost = lost.remove(peer);
        // A peer under check comes in, or not, by what it answers.
        if (!checking.contains(peer)) {
            add(peer, nowNanos);
        }
        if (wasLost && nowNanos - refreshedNanos >= MIN_REFRESH_INTERVAL.toNanos()) {
            refresh();
        }
    }

    /** A request to the peer came to nothing. */
    void failed(PeerId peer, long nowNanos) {
        if (remove(peer)) {
            lost.add(peer, nowNanos);
        }
    }

    /** Asks a member whether it's alive, because something else went wrong with it. */
    void suspect(PeerId peer, long nowNanos) {
        if (table.contains(peer)) {
            askForItself(peer, nowNanos);
        }
    }

    void refresh() {
        refresh.forget();
        refreshWanted = true;
    }

    void tick(long nowNanos) {
        if (refreshIn(nowNanos) <= 0) {
            startRefresh(nowNanos);
        }
        lost.next(nowNanos).ifPresent(peer -> {
            if (!check(peer, nowNanos)) {
                lost.remove(peer);
            }
        });
        if (settling.next(nowNanos)) {
            lookForNeighbours(nowNanos);
        }
        if (fewIn(nowNanos) <= 0) {
            fewNanos = nowNanos;
            List.copyOf(connected.entrySet()).stream()
                    .filter(Map.Entry::getValue)
                    .forEach(peer -> check(peer.getKey(), nowNanos));
        }
    }

    /** In how many nanoseconds {@link #tick} has something to do; 0 if now. */
    long wakeIn(long nowNanos) {
        long retryIn = Math.min(lost.wakeIn(nowNanos), fewIn(nowNanos));
        return Math.max(0, Math.min(Math.min(refreshIn(nowNanos), settling.wakeIn(nowNanos)), retryIn));
    }

    private long refreshIn(long nowNanos) {
        if (refreshing || table.isEmpty()) {
            return Long.MAX_VALUE;
        }
        return refreshWanted ? 0 : config.refreshInterval().toNanos() - (nowNanos - refreshedNanos);
    }

    private long fewIn(long nowNanos) {
        boolean few = table.size() <= FEW_PEERS && connected.size() > table.size();
        return few ? FEW_PEERS_INTERVAL.toNanos() - (nowNanos - fewNanos) : Long.MAX_VALUE;
    }

    /** Asks a peer for itself and lets it in if it answers; false if there is no place for it. */
    private boolean check(PeerId peer, long nowNanos) {
        if (!table.hasRoomFor(peer)) {
            return false;
        }
        if (checking.size() < MAX_CHECKS && checking.add(peer)) {
            askForItself(peer, nowNanos);
        }
        return true;
    }

    private void askForItself(PeerId peer, long nowNanos) {
        sender.ask(
                peer,
                KadMessage.findNode(KadKey.of(peer)),
                new Requests.Purpose() {
                    @Override
                    public void answered(KadMessage answer, long nowNanos) {
                        // One that knows nobody is of use only to those that know few.
                        if (checking.remove(peer)
                                && (!answer.closerPeers().isEmpty() || table.size() < config.bucketSize())) {
                            add(peer, nowNanos);
                        }
                    }

                    @Override
                    public void failed(long nowNanos) {
                        checking.remove(peer);
                    }
                },
                nowNanos);
    }

    private void add(PeerId peer, long nowNanos) {
        boolean client = Boolean.FALSE.equals(connected.get(peer));
        // Until the table has been refreshed twice it holds whoever was met first, so these make room for others.
        if (client || !table.add(peer, refreshes < 2, nowNanos)) {
            return;
        }
        if (table.size() == 1) {
            refresh();
            settling.begin(nowNanos);
        }
        listener.joined(peer, nowNanos);
    }

    private boolean remove(PeerId peer) {
        if (!table.remove(peer)) {
            return false;
        }
        if (table.isEmpty()) {
            refreshes = 0;
            settling.end();
            listener.alone();
        }
        return true;
    }

    private void lookForNeighbours(long nowNanos) {
        if (table.size() >= config.bucketSize()) {
            settling.end();
            return;
        }
        LookupConfig limits = config.lookup().withLimit(REFRESH_LOOKUP_LIMIT);
        lookups.findClosest(
                lookups.newId(), KadKey.of(self), true, limits, (lookup, complete, doneNanos) -> {}, nowNanos);
    }

    private void startRefresh(long nowNanos) {
        refreshing = true;
        refreshWanted = false;
        refreshedNanos = nowNanos;
        table.silentFor(grace, nowNanos).forEach(peer -> askForItself(peer, nowNanos));
        refresh.start(table, nowNanos);
        continueRefresh(nowNanos);
    }

    private void continueRefresh(long nowNanos) {
        Optional<KadKey> target = refresh.next();
        if (target.isEmpty()) {
            refreshing = false;
            if (++refreshes == 2) {
                table.makeAllPermanent();
            }
            return;
        }
        // The lookup for this node itself reaches all neighbours; for the others it's enough to hear of peers.
        boolean followUp = target.get().names(self);
        LookupConfig limits = config.lookup().withLimit(REFRESH_LOOKUP_LIMIT);
        lookups.findClosest(
                lookups.newId(),
                target.get(),
                followUp,
                limits,
                (lookup, complete, doneNanos) -> continueRefresh(doneNanos),
                nowNanos);
    }
}
