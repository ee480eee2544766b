package dev.spegel.benchmarks;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.kad.KadAction;
import dev.spegel.libp2p.kad.KadAnswer;
import dev.spegel.libp2p.kad.KadConfig;
import dev.spegel.libp2p.kad.KadKey;
import dev.spegel.libp2p.kad.KadMessage;
import dev.spegel.libp2p.kad.KadNode;
import dev.spegel.libp2p.kad.PeerEntry;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/** A network of {@link KadNode}s without sockets, in virtual time. Nothing is lost, and nobody dies. For one thread. */
final class SimulatedDht {
    /** One way, between machines of one cluster. */
    private static final long DELAY_NANOS = Duration.ofMillis(1).toNanos();

    /** What precedes an Ed25519 key in a peer ID: libp2p/specs, peer-ids/peer-ids.md. */
    private static final byte[] ID_HEAD = {0x00, 0x24, 0x08, 0x01, 0x12, 0x20};

    private record Event(long atNanos, long order, Runnable action) {}

    private final class Node {
        final PeerId id;
        final List<Multiaddr> addresses;
        final KadNode logic;
        final Set<PeerId> connections = new HashSet<>();
        long wakeNanos = Long.MAX_VALUE;

        Node(PeerId id, int number) {
            this.id = id;
            addresses = List.of(Multiaddr.parse(
                    "/ip4/10.%d.%d.%d/tcp/5001".formatted(number >> 16 & 0xff, number >> 8 & 0xff, number & 0xff)));
            logic = new KadNode(id, config, new Random(random.nextLong()), now);
            logic.listensOn(addresses, now);
        }
    }

    private final KadConfig config;
    private final Random random;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<PeerId, Node> byId = new HashMap<>();
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::atNanos).thenComparingLong(Event::order));
    /** By node and number of the lookup. */
    private final Map<List<Object>, Consumer<KadAction.Finished>> lookups = new HashMap<>();

    private long order;
    private long now;
    private long requests;
    private long records;

    SimulatedDht(KadConfig config, long seed) {
        this.config = config;
        random = new Random(seed);
    }

    /** Adds nodes that each begin with one that is there, chosen at random. */
    void grow(int count, Duration apart) {
        for (int i = 0; i < count; i++) {
            Node node = new Node(randomId(), nodes.size());
            byId.put(node.id, node);
            if (!nodes.isEmpty()) {
                connect(node, nodes.get(random.nextInt(nodes.size())));
            }
            nodes.add(node);
            act(node);
            run(apart);
        }
    }

    /** An ID as an Ed25519 key gives it. Nobody checks that these bytes are a point of the curve. */
    private PeerId randomId() {
        byte[] id = new byte[ID_HEAD.length + 32];
        random.nextBytes(id);
        System.arraycopy(ID_HEAD, 0, id, 0, ID_HEAD.length);
        return PeerId.fromBytes(id);
    }

    private Node node(PeerId id) {
        Node node = byId.get(id);
        if (node == null) {
            throw new AssertionError("nobody made up " + id);
        }
        return node;
    }

    int size() {
        return nodes.size();
    }

    /** How many requests the nodes have sent so far; records aside. */
    long requests() {
        return requests;
    }

    /** How many provider records the nodes have sent so far. */
    long records() {
        return records;
    }

    void provide(int node, Collection<KadKey> keys) {
        nodes.get(node).logic.provide(keys, now);
        act(nodes.get(node));
    }

    void find(int node, KadKey key, Consumer<KadAction.Finished> finished) {
        Node from = nodes.get(node);
        lookups.put(List.of(from.id, from.logic.findProviders(key, 0, now)), finished);
        act(from);
    }

    /** Lets time pass. */
    void run(Duration time) {
        long end = now + time.toNanos();
        while (!events.isEmpty() && events.peek().atNanos() <= end) {
            Event event = events.remove();
            now = event.atNanos();
            event.action().run();
        }
        now = end;
    }

    private void after(long nanos, Runnable action) {
        events.add(new Event(now + nanos, order++, action));
    }

    private void act(Node node) {
        for (KadAction action : node.logic.next(now)) {
            if (action instanceof KadAction.Ask ask) {
                requests++;
                after(delayTo(node, ask.peer()), () -> ask(node, node(ask.peer()), ask));
            } else if (action instanceof KadAction.Announce announce) {
                records += announce.keys().size();
                after(delayTo(node, announce.peer()), () -> announce(node, node(announce.peer()), announce));
            } else if (action instanceof KadAction.Finished finished) {
                Consumer<KadAction.Finished> caller = lookups.remove(List.of(node.id, finished.lookupId()));
                if (caller != null) {
                    caller.accept(finished);
                }
            }
        }
        long wake = Math.max(now, node.logic.wakeNanos(now));
        if (wake < node.wakeNanos) {
            node.wakeNanos = wake;
            after(wake - now, () -> {
                if (node.wakeNanos == wake) {
                    node.wakeNanos = Long.MAX_VALUE;
                    act(node);
                }
            });
        }
    }

    /** Three more ways if there is no connection yet: TCP and handshake. */
    private long delayTo(Node node, PeerId peer) {
        return node.connections.contains(peer) ? DELAY_NANOS : 4 * DELAY_NANOS;
    }

    private void connect(Node from, Node to) {
        if (from.connections.add(to.id)) {
            to.connections.add(from.id);
            from.logic.identified(to.id, to.addresses, true, now);
            to.logic.identified(from.id, from.addresses, true, now);
            after(0, () -> act(from));
            after(0, () -> act(to));
        }
    }

    private void ask(Node from, Node to, KadAction.Ask ask) {
        connect(from, to);
        KadAnswer answer = to.logic.request(from.id, ask.message(), now);
        after(DELAY_NANOS, () -> {
            if (answer instanceof KadAnswer.Reply reply) {
                from.logic.answered(ask.requestId(), reply.message(), now);
            } else {
                from.logic.failed(ask.requestId(), now);
            }
            act(from);
        });
    }

    private void announce(Node from, Node to, KadAction.Announce announce) {
        connect(from, to);
        PeerEntry provider = new PeerEntry(from.id, from.addresses, PeerEntry.Connection.NOT_CONNECTED);
        boolean taken = true;
        for (KadKey key : announce.keys()) {
            // A copy, as it comes off a wire: a holder's heap isn't to profit from the sender's.
            KadMessage message = KadMessage.addProvider(KadKey.of(key.toBytes()), provider);
            taken &= to.logic.request(from.id, message, now) instanceof KadAnswer.Silence;
        }
        boolean all = taken;
        after(DELAY_NANOS, () -> {
            if (all) {
                from.logic.announced(announce.requestId(), now);
            } else {
                from.logic.failed(announce.requestId(), now);
            }
            act(from);
        });
    }
}
