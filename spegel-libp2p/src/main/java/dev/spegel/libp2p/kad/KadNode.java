package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * One node of the DHT, in server mode, without its network: whoever owns it tells it what happens, and carries out what it wants.
 *
 * <p>Tell it where it listens ({@link #listensOn}), whom it meets ({@link #identified}, {@link #disconnected}), what it is asked
 * ({@link #request}) and what became of what it asked for ({@link #answered}, {@link #announced}, {@link #failed}). After each
 * of these, and at {@link #wakeNanos}, call {@link #next} and do what it says. Nothing is done but in these calls, none of
 * which blocks. Not thread-safe: it belongs to one event loop.
 *
 * <p>Outline: a peer that is met and serves the DHT is asked for itself, and comes into the routing table if it answers; so does
 * any peer that answers during a lookup. One that fails leaves the table, and is tried again from time to time, so that the two
 * sides of a healed partition find each other. The table is refreshed every {@link KadConfig#refreshInterval}. What
 * {@link #provide} is given is announced at once and kept announced, see {@link ProviderConfig}. The rules are those of
 * go-libp2p-kad-dht where nothing else is said.
 */
public final class KadNode {
    /** How often records and addresses are swept out that have expired; reading them doesn't depend on it. */
    static final Duration SWEEP_INTERVAL = Duration.ofMinutes(5);

    private final PeerId self;
    private final KadConfig config;
    private final RoutingTable table;
    private final AddressBook addresses;
    private final ProviderStore store;
    private final RequestHandler handler;
    private final Requests requests;
    private final Lookups lookups;
    private final Membership membership;
    private final ProvidePlan plan;
    private final List<KadAction> actions = new ArrayList<>();
    private List<Multiaddr> ownAddresses = List.of();
    private long sweptNanos;

    /**
     * A node that knows nobody yet.
     *
     * @param random what's drawn from it decides which of several equals is picked, and needn't be secret
     * @param nowNanos as in all calls, of a clock with an arbitrary origin
     */
    public KadNode(PeerId self, KadConfig config, Random random, long nowNanos) {
        this.self = self;
        this.config = config;
        table = new RoutingTable(self, config.bucketSize());
        store = new ProviderStore(config.providers());
        requests = new Requests(config.lookup().requestLimit());
        TableRefresh refresh = new TableRefresh(self, config.refreshInterval(), random);
        plan = new ProvidePlan(self, config.bucketSize(), config.providers(), random, nowNanos);
        addresses = new AddressBook(this::needsAddresses);
        lookups = new Lookups(self, config, table, addresses, this::ask, random);
        membership = new Membership(self, config, table, refresh, lookups, this::ask, new Changes(), nowNanos);
        handler = new RequestHandler(
                self,
                config.bucketSize(),
                table,
                addresses,
                store,
                config.providers(),
                plan::provides,
                membership::isConnected,
                () -> ownAddresses,
                random);
        sweptNanos = nowNanos;
    }

    /** Where others reach this node. Without an address nothing is announced, as others would refuse it. */
    public void listensOn(List<Multiaddr> addresses, long nowNanos) {
        if (!ownAddresses.equals(addresses)) {
            ownAddresses = List.copyOf(addresses);
            announceAll(nowNanos);
        }
    }

    /**
     * A peer has said on a connection who it is, or that this has changed.
     *
     * @param addresses where it listens
     * @param servesDht whether it speaks the protocol of this DHT
     */
    public void identified(PeerId peer, Collection<Multiaddr> addresses, boolean servesDht, long nowNanos) {
        if (!peer.equals(self)) {
            this.addresses.saidBySelf(peer, addresses, AddressBook.LIFE, nowNanos);
            membership.met(peer, servesDht, nowNanos);
        }
    }

    /** The last connection to the peer has ended. It stays in the table. */
    public void disconnected(PeerId peer, long nowNanos) {
        // Its addresses didn't expire while it was connected; their time begins now.
        addresses.saidBySelf(peer, addresses.of(peer, nowNanos), AddressBook.LIFE, nowNanos);
        membership.left(peer);
    }

    /** What to do with a request of this authenticated peer. */
    public KadAnswer request(PeerId from, KadMessage request, long nowNanos) {
        return handler.answer(from, request, nowNanos);
    }

    /** The answer to an {@link KadAction.Ask}. One of another type counts as a failure. */
    public void answered(long requestId, KadMessage answer, long nowNanos) {
        end(requestId, Optional.of(answer), nowNanos);
    }

    /** An {@link KadAction.Announce} was taken whole. */
    public void announced(long requestId, long nowNanos) {
        end(requestId, Optional.of(KadMessage.ping()), nowNanos);
    }

    /** An {@link KadAction.Ask} or {@link KadAction.Announce} came to nothing. */
    public void failed(long requestId, long nowNanos) {
        end(requestId, Optional.empty(), nowNanos);
    }

    /**
     * Whether an {@link KadAction.Ask} that couldn't be carried out at once is still to be: not if its search is over or its time is
     * up. Then it's forgotten here, and says nothing about the peer.
     */
    public boolean isWanted(long requestId) {
        return requests.isWanted(requestId);
    }

    /**
     * Searches for peers other than this one that have the content named {@code key}.
     *
     * @param count after how many to stop; 0 for all that turn up
     * @return the number under which {@link KadAction.Found} and, once, {@link KadAction.Finished} tell of it
     */
    public long findProviders(KadKey key, int count, long nowNanos) {
        if (count < 0) {
            throw new IllegalArgumentException("count isn't negative, got " + count);
        }
        long id = lookups.newId();
        List<PeerEntry> known = store.providers(key, nowNanos).stream()
                .map(peer -> new PeerEntry(peer, addresses.of(peer, nowNanos), PeerEntry.Connection.NOT_CONNECTED))
                .toList();
        lookups.findProviders(id, key, count, known, new Report(id), nowNanos);
        return id;
    }

    /** Searches for the peers nearest to {@code key}; told of in a {@link KadAction.Finished} with the number returned. */
    public long findClosest(KadKey key, long nowNanos) {
        long id = lookups.newId();
        lookups.findClosest(id, key, true, config.lookup(), new Report(id), nowNanos);
        return id;
    }

    /** Ends a search: no more is told of it, apart from what {@link #next} already holds. */
    public void cancel(long lookupId) {
        lookups.cancel(lookupId);
    }

    /**
     * Announces these keys, and keeps them announced. Those that already are stay as they are. For each a
     * {@link KadAction.Provided} follows, unless it's withdrawn before.
     */
    public void provide(Collection<KadKey> keys, long nowNanos) {
        keys.forEach(KadMessage::requireProviderKey);
        plan.provide(keys, nowNanos);
    }

    /** Announces these keys no more. The protocol can't take back what others keep: that expires. */
    public void withdraw(Collection<KadKey> keys) {
        plan.withdraw(keys);
    }

    /** Asks for a refresh of the table as soon as possible, for instance after a bootstrap or a change of network. */
    public void refresh() {
        membership.refresh();
    }

    /** What is to be done now, in order. Empty if nothing is. */
    public List<KadAction> next(long nowNanos) {
        for (Optional<Requests.Sent> late = requests.expired(nowNanos);
                late.isPresent();
                late = requests.expired(nowNanos)) {
            end(late.get().id(), Optional.empty(), nowNanos);
        }
        lookups.tick(nowNanos);
        membership.tick(nowNanos);
        if (nowNanos - sweptNanos >= SWEEP_INTERVAL.toNanos()) {
            sweptNanos = nowNanos;
            store.sweep(nowNanos);
            addresses.sweep(nowNanos);
        }
        plan.next(nowNanos).forEach(step -> carryOut(step, nowNanos));
        List<KadAction> now = List.copyOf(actions);
        actions.clear();
        return now;
    }

    /** When to call {@link #next} at the latest, even if nothing happens. */
    public long wakeNanos(long nowNanos) {
        long sweepIn = SWEEP_INTERVAL.toNanos() - (nowNanos - sweptNanos);
        long wakeNanos = nowNanos + Math.max(0, Math.min(sweepIn, membership.wakeIn(nowNanos)));
        long planned = plan.wakeNanos(nowNanos);
        if (planned - wakeNanos < 0) {
            wakeNanos = planned;
        }
        return requests.wakeNanos(lookups.wakeNanos(wakeNanos));
    }

    /** The peers in the routing table. */
    public Collection<PeerId> peers() {
        return table.members();
    }

    /** Changes whenever {@link #peers} does. */
    public long peersVersion() {
        return table.version();
    }

    /** The peers in the routing table that share at most {@code bits} leading bits of their position with this node. */
    public List<PeerId> peersSharingAtMost(int bits) {
        return table.membersSharingAtMost(bits);
    }

    /** Changes whenever {@link #addresses} of somebody does, other than by expiring. */
    public long addressesVersion() {
        return addresses.version();
    }

    /** Where a peer is known to listen; empty if it isn't. */
    public List<Multiaddr> addresses(PeerId peer, long nowNanos) {
        return addresses.of(peer, nowNanos);
    }

    /** How many keys this node announces. */
    public int provided() {
        return plan.size();
    }

    /** How many records this node keeps for others, those included that have expired a moment ago. */
    public int records() {
        return store.size();
    }

    private void ask(PeerId peer, KadMessage message, Requests.Purpose purpose, long nowNanos) {
        long id = requests.add(peer, Optional.of(message.type()), purpose, nowNanos);
        actions.add(new KadAction.Ask(id, peer, addresses.of(peer, nowNanos), message));
    }

    private void announce(PeerId peer, List<KadKey> keys, long batch, long nowNanos) {
        Requests.Purpose purpose = new Requests.Purpose() {
            @Override
            public void answered(KadMessage nothing, long nowNanos) {
                plan.sent(batch, nowNanos);
            }

            @Override
            public void failed(long nowNanos) {
                plan.failed(batch, nowNanos);
                membership.suspect(peer, nowNanos);
            }
        };
        long id = requests.add(peer, Optional.empty(), purpose, nowNanos);
        actions.add(new KadAction.Announce(id, peer, addresses.of(peer, nowNanos), keys));
    }

    private void end(long requestId, Optional<KadMessage> answer, long nowNanos) {
        Optional<Requests.Sent> ended = requests.end(requestId);
        if (ended.isEmpty()) {
            return;
        }
        Requests.Sent request = ended.get();
        if (request.expects().isEmpty()) {
            if (answer.isPresent()) {
                request.purpose().answered(answer.get(), nowNanos);
            } else {
                request.purpose().failed(nowNanos);
            }
        } else if (answer.isPresent()
                && answer.get().type() == request.expects().get()) {
            membership.answered(request.peer(), nowNanos);
            request.purpose().answered(answer.get(), nowNanos);
        } else {
            membership.failed(request.peer(), nowNanos);
            plan.peerFailed(request.peer());
            request.purpose().failed(nowNanos);
        }
    }

    private void carryOut(ProvidePlan.Step step, long nowNanos) {
        if (step instanceof ProvidePlan.Step.LookUp lookUp) {
            // Peers needn't be asked to be announced to; those that don't answer then are replaced.
            lookups.findClosest(
                    lookups.newId(),
                    lookUp.target(),
                    false,
                    config.lookup(),
                    (lookup, complete, doneNanos) ->
                            plan.lookedUp(lookUp.id(), complete ? lookup.closest() : List.of(), doneNanos),
                    nowNanos);
        } else if (step instanceof ProvidePlan.Step.Send send) {
            announce(send.peer(), send.keys(), send.id(), nowNanos);
        } else if (step instanceof ProvidePlan.Step.Outcome outcome) {
            actions.add(new KadAction.Provided(outcome.keys(), outcome.sent()));
        }
    }

    private boolean needsAddresses(PeerId peer) {
        return membership.needs(peer) || plan.needs(peer);
    }

    private void announceAll(long nowNanos) {
        if (!table.isEmpty() && !ownAddresses.isEmpty()) {
            plan.online(nowNanos);
        } else {
            plan.offline();
        }
    }

    private final class Changes implements Membership.Listener {
        @Override
        public void joined(PeerId peer, long nowNanos) {
            if (table.size() == 1) {
                announceAll(nowNanos);
            } else {
                plan.peerJoined(peer, nowNanos);
            }
        }

        @Override
        public void alone() {
            plan.offline();
        }
    }

    /** Tells the owner of a lookup what becomes of it. */
    private final class Report implements Lookups.Caller {
        private final long id;

        Report(long id) {
            this.id = id;
        }

        @Override
        public void found(PeerEntry provider) {
            actions.add(new KadAction.Found(id, provider.id(), provider.addresses()));
        }

        @Override
        public void done(Lookup lookup, boolean complete, long nowNanos) {
            List<PeerId> closest = lookup.closest().stream().map(Contact::id).toList();
            actions.add(new KadAction.Finished(id, closest, complete, lookup.asked(), lookup.hops()));
        }
    }
}
