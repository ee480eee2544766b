package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** The lookups under way: sends what each wants to ask, and tells who started it what came of it. */
final class Lookups {
    /**
     * Lookups at a time. Each may hold some hundred peers, so a thousand take tens of megabytes at worst; a node that serves one
     * machine's container runtime has a handful.
     */
    static final int MAX_LOOKUPS = 1024;

    /** Who started a lookup. */
    interface Caller {
        /** A provider turned up, or the addresses of one that had none. */
        default void found(PeerEntry provider) {}

        /** The lookup is over and won't be heard of again. */
        void done(Lookup lookup, boolean complete, long nowNanos);
    }

    /** Sends a request; what it returns or why it fails goes to {@code purpose}. */
    interface Sender {
        void ask(PeerId peer, KadMessage message, Requests.Purpose purpose, long nowNanos);
    }

    private final class Running {
        final long id;
        final KadMessage message;
        final Lookup lookup;
        final int wanted;
        final Caller caller;
        final Set<PeerId> found = new HashSet<>();
        final Set<PeerId> foundWithoutAddress = new HashSet<>();
        boolean satisfied;
        long wakeNanos;

        Running(long id, KadMessage message, Lookup lookup, int wanted, Caller caller) {
            this.id = id;
            this.message = message;
            this.lookup = lookup;
            this.wanted = wanted;
            this.caller = caller;
        }

        void found(List<PeerEntry> providers) {
            List<PeerEntry> shuffled = new ArrayList<>(providers);
            Collections.shuffle(shuffled, random);
            for (PeerEntry provider : shuffled) {
                PeerId id = provider.id();
                boolean hasAddress = !provider.addresses().isEmpty();
                if (id.equals(self) || satisfied) {
                    continue;
                }
                if (found.size() < MAX_PROVIDERS && found.add(id)) {
                    caller.found(provider);
                    if (!hasAddress) {
                        foundWithoutAddress.add(id);
                    }
                } else if (hasAddress && foundWithoutAddress.remove(id)) {
                    caller.found(provider);
                }
                if (found.size() >= wanted) {
                    satisfied = true;
                    lookup.stop();
                }
            }
        }
    }

    /** The providers that one lookup reports, whatever a stranger's answers hold: four times the most one of ours names. */
    static final int MAX_PROVIDERS = 512;

    private final PeerId self;
    private final KadConfig config;
    private final RoutingTable table;
    private final AddressBook addresses;
    private final Sender sender;
    private final Random random;
    private final Map<Long, Running> running = new LinkedHashMap<>();
    private long lastId;

    Lookups(PeerId self, KadConfig config, RoutingTable table, AddressBook addresses, Sender sender, Random random) {
        this.self = self;
        this.config = config;
        this.table = table;
        this.addresses = addresses;
        this.sender = sender;
        this.random = random;
    }

    /** A number for a lookup. Taken beforehand, since a lookup may be over before its start returns. */
    long newId() {
        return ++lastId;
    }

    /** Starts a search for the peers nearest to {@code key}. */
    void findClosest(long id, KadKey key, boolean followUp, LookupConfig limits, Caller caller, long nowNanos) {
        start(id, KadMessage.findNode(key), 0, followUp, limits, caller, List.of(), nowNanos);
    }

    /** Starts a search for {@code wanted} providers; 0 for all that the nearest peers know of. */
    void findProviders(long id, KadKey key, int wanted, List<PeerEntry> known, Caller caller, long nowNanos) {
        int count = wanted == 0 ? Integer.MAX_VALUE : wanted;
        start(id, KadMessage.getProviders(key), count, true, config.lookup(), caller, known, nowNanos);
    }

    private void start(
            long id,
            KadMessage message,
            int wanted,
            boolean followUp,
            LookupConfig limits,
            Caller caller,
            List<PeerEntry> known,
            long nowNanos) {
        Position target = message.key().position();
        List<PeerId> seeds = running.size() < MAX_LOOKUPS ? table.nearest(target, config.bucketSize()) : List.of();
        Lookup lookup = new Lookup(target, self, seeds, config.bucketSize(), followUp, limits, nowNanos);
        Running started = new Running(id, message, lookup, wanted, caller);
        started.found(known);
        running.put(id, started);
        advance(started, nowNanos);
    }

    /** Ends a lookup without a word to its caller. */
    void cancel(long id) {
        Running cancelled = running.remove(id);
        if (cancelled != null) {
            cancelled.lookup.stop();
        }
    }

    /** Moves those lookups on whose time has come. */
    void tick(long nowNanos) {
        for (Running each : List.copyOf(running.values())) {
            if (each.wakeNanos - nowNanos <= 0) {
                advance(each, nowNanos);
            }
        }
    }

    /** When {@link #tick} has something to do; {@code latest} if that's earlier. */
    long wakeNanos(long latest) {
        long wake = latest;
        for (Running each : running.values()) {
            if (each.wakeNanos - wake < 0) {
                wake = each.wakeNanos;
            }
        }
        return wake;
    }

    int size() {
        return running.size();
    }

    private void advance(Running each, long nowNanos) {
        for (PeerId peer : each.lookup.next(nowNanos)) {
            sender.ask(peer, each.message, purpose(each, peer), nowNanos);
        }
        each.wakeNanos = each.lookup.wakeNanos();
        if (each.lookup.isDone() && running.remove(each.id) != null) {
            each.caller.done(each.lookup, each.satisfied || each.lookup.hasConverged(), nowNanos);
        }
    }

    private Requests.Purpose purpose(Running each, PeerId peer) {
        return new Requests.Purpose() {
            @Override
            public void answered(KadMessage answer, long nowNanos) {
                if (each.lookup.isDone()) {
                    return;
                }
                List<PeerId> closer = new ArrayList<>();
                for (PeerEntry entry : answer.closerPeers()) {
                    if (closer.size() < Lookup.MAX_FROM_ANSWER && !entry.id().equals(self)) {
                        closer.add(entry.id());
                        addresses.saidByOthers(entry.id(), entry.addresses(), nowNanos);
                    }
                }
                each.lookup.answered(peer, closer);
                if (each.wanted > 0) {
                    each.found(answer.providerPeers());
                }
                advance(each, nowNanos);
            }

            @Override
            public boolean isWanted() {
                return !each.lookup.isDone();
            }

            @Override
            public void failed(long nowNanos) {
                each.lookup.failed(peer);
                advance(each, nowNanos);
            }
        };
    }
}
