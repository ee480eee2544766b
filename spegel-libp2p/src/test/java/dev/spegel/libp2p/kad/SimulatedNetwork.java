package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;

/**
 * Many {@link KadNode}s in virtual time, with delay, loss, dead nodes and partitions. All randomness comes from one seed, so that
 * a run can be repeated. Some messages pass through the wire
 * format.
 */
final class SimulatedNetwork {
    /** When a dial to an address that nobody answers is given up: go-libp2p, within a private network. */
    private static final Duration DIAL_LIMIT = Duration.ofSeconds(5);

    /** When a request without an answer is given up: go-libp2p-kad-dht. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

    private record Event(long atNanos, long order, Runnable action) {}

    record Search(KadKey key, long startNanos, Map<PeerId, Long> found, Optional<KadAction.Finished> finished) {}

    final class Node {
        final PeerId id;
        final int number;
        KadNode logic;
        boolean alive = true;
        int side;
        long requests;
        long announcements;
        long streams;
        private long wakeNanos = Long.MAX_VALUE;
        private final Set<PeerId> connections = new HashSet<>();
        private final Map<Long, Search> searches = new HashMap<>();

        private Node(PeerId id, int number) {
            this.id = id;
            this.number = number;
            logic = start();
        }

        private KadNode start() {
            KadNode node = new KadNode(id, config, new Random(random.nextLong()), now);
            node.listensOn(Peers.address(number), now);
            return node;
        }

        long find(KadKey key, int count) {
            long search = logic.findProviders(key, count, now);
            searches.put(search, new Search(key, now, new LinkedHashMap<>(), Optional.empty()));
            act(this);
            return search;
        }

        Search search(long id) {
            Search search = searches.get(id);
            if (search == null) {
                throw new AssertionError("no search " + id);
            }
            return search;
        }

        void provide(List<KadKey> keys) {
            logic.provide(keys, now);
            act(this);
        }

        void withdraw(List<KadKey> keys) {
            logic.withdraw(keys);
            act(this);
        }

        /** Dials a node whose ID and address it was told. */
        void bootstrap(Node other) {
            if (reaches(this, other)) {
                after(delay(), () -> connect(this, other));
            }
        }

        void die() {
            alive = false;
            for (PeerId peer : List.copyOf(connections)) {
                disconnect(this, node(peer));
            }
        }

        /** Comes back under the same name and has forgotten everything. */
        void restart() {
            alive = true;
            logic = start();
            searches.clear();
            wakeNanos = Long.MAX_VALUE;
            act(this);
        }
    }

    final Random random;
    final List<Node> nodes = new ArrayList<>();
    Duration minDelay = Duration.ofMillis(1);
    Duration maxDelay = Duration.ofMillis(20);
    double loss;
    private final KadConfig config;
    private final Map<PeerId, Node> byId = new HashMap<>();
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::atNanos).thenComparingLong(Event::order));
    private long order;
    private long messages;
    long now;

    SimulatedNetwork(long seed, KadConfig config) {
        random = new Random(seed);
        this.config = config;
    }

    Node add() {
        Node node = new Node(Peers.random(random), nodes.size());
        nodes.add(node);
        byId.put(node.id, node);
        act(node);
        return node;
    }

    /** Adds nodes that each bootstrap from one that is there, {@code apart} one another. */
    void grow(int count, Duration apart) {
        for (int i = 0; i < count; i++) {
            Node node = add();
            if (nodes.size() > 1) {
                node.bootstrap(nodes.get(random.nextInt(nodes.size() - 1)));
            }
            run(apart);
        }
    }

    List<Node> alive() {
        return nodes.stream().filter(node -> node.alive).toList();
    }

    Node anyAlive() {
        List<Node> alive = alive();
        return alive.get(random.nextInt(alive.size()));
    }

    Node node(PeerId id) {
        Node node = byId.get(id);
        if (node == null) {
            throw new AssertionError("no node " + id);
        }
        return node;
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

    private long delay() {
        return minDelay.toNanos()
                + (long) (random.nextDouble() * maxDelay.minus(minDelay).toNanos());
    }

    private boolean reaches(Node from, Node to) {
        return from.alive && to.alive && from.side == to.side;
    }

    private void act(Node node) {
        KadNode logic = node.logic;
        for (KadAction action : logic.next(now)) {
            if (action instanceof KadAction.Ask ask) {
                node.requests++;
                send(node, ask.peer(), ask.addresses().isEmpty(), ask.requestId(), to -> exchange(node, to, ask));
            } else if (action instanceof KadAction.Announce announce) {
                node.streams++;
                node.announcements += announce.keys().size();
                boolean noAddress = announce.addresses().isEmpty();
                send(node, announce.peer(), noAddress, announce.requestId(), to -> announce(node, to, announce));
            } else if (action instanceof KadAction.Found found) {
                node.search(found.lookupId()).found().putIfAbsent(found.provider(), now);
            } else if (action instanceof KadAction.Finished finished) {
                node.searches.computeIfPresent(
                        finished.lookupId(),
                        (id, search) ->
                                new Search(search.key(), search.startNanos(), search.found(), Optional.of(finished)));
            }
        }
        long wake = logic.wakeNanos(now);
        if (wake < node.wakeNanos) {
            node.wakeNanos = wake;
            after(wake - now, () -> {
                if (node.wakeNanos == wake && node.logic == logic) {
                    node.wakeNanos = Long.MAX_VALUE;
                    if (node.alive) {
                        act(node);
                    }
                }
            });
        }
    }

    private interface Delivery {
        void to(Node node);
    }

    private void send(Node from, PeerId peer, boolean noAddress, long requestId, Delivery delivery) {
        Node to = node(peer);
        boolean connected = from.connections.contains(peer);
        if (!connected && noAddress) {
            fail(from, requestId, 0);
        } else if (!reaches(from, to)) {
            // A host that is up refuses at once; one that is gone says nothing.
            boolean refused = from.side == to.side && to.number % 2 == 0;
            fail(from, requestId, refused ? 2 * delay() : DIAL_LIMIT.toNanos());
        } else if (random.nextDouble() < loss) {
            fail(from, requestId, ANSWER_LIMIT.toNanos());
        } else {
            after(connected ? delay() : 3 * delay(), () -> {
                if (reaches(from, to)) {
                    connect(from, to);
                    delivery.to(to);
                } else {
                    fail(from, requestId, ANSWER_LIMIT.toNanos());
                }
            });
        }
    }

    private void exchange(Node from, Node to, KadAction.Ask ask) {
        KadNode asking = from.logic;
        KadAnswer answer = to.logic.request(from.id, travelled(ask.message()), now);
        if (answer instanceof KadAnswer.Reply reply) {
            KadMessage travelled = travelled(reply.message());
            after(delay(), () -> {
                if (from.alive && from.logic == asking) {
                    asking.answered(ask.requestId(), travelled, now);
                    act(from);
                }
            });
        } else {
            fail(from, ask.requestId(), delay());
        }
    }

    private void announce(Node from, Node to, KadAction.Announce announce) {
        KadNode announcing = from.logic;
        PeerEntry self = new PeerEntry(from.id, Peers.address(from.number), PeerEntry.Connection.NOT_CONNECTED);
        for (KadKey key : announce.keys()) {
            KadMessage message =
                    KadMessage.parse(KadMessage.addProvider(key, self).toBytes());
            if (!(to.logic.request(from.id, message, now) instanceof KadAnswer.Silence)) {
                fail(from, announce.requestId(), delay());
                return;
            }
        }
        after(delay(), () -> {
            if (from.alive && from.logic == announcing) {
                announcing.announced(announce.requestId(), now);
                act(from);
            }
        });
    }

    /** What arrives. One message in sixteen really goes through the wire format, which would else take most of the time. */
    private KadMessage travelled(KadMessage message) {
        return ++messages % 16 == 0 ? KadMessage.parse(message.toBytes()) : message;
    }

    private void fail(Node node, long requestId, long inNanos) {
        KadNode logic = node.logic;
        after(inNanos, () -> {
            if (node.alive && node.logic == logic) {
                logic.failed(requestId, now);
                act(node);
            }
        });
    }

    private void connect(Node from, Node to) {
        if (reaches(from, to) && from.connections.add(to.id)) {
            to.connections.add(from.id);
            from.logic.identified(to.id, Peers.address(to.number), true, now);
            to.logic.identified(from.id, Peers.address(from.number), true, now);
            act(from);
            act(to);
        }
    }

    private void disconnect(Node from, Node to) {
        if (from.connections.remove(to.id)) {
            to.connections.remove(from.id);
            from.logic.disconnected(to.id, now);
            to.logic.disconnected(from.id, now);
        }
    }

    /** Cuts the network in two, or joins it again; connections across the cut end. */
    void partition(boolean cut) {
        for (Node node : nodes) {
            node.side = cut ? node.number % 2 : 0;
        }
        for (Node node : nodes) {
            for (PeerId peer : Set.copyOf(new LinkedHashSet<>(node.connections))) {
                if (!reaches(node, node(peer))) {
                    disconnect(node, node(peer));
                }
            }
        }
    }
}
