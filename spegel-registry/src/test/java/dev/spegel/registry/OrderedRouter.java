package dev.spegel.registry;

import dev.spegel.routing.Key;
import dev.spegel.routing.Lookup;
import dev.spegel.routing.Peer;
import dev.spegel.routing.Router;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;

/** Finds the same peers for every key, one after the other, so that a test decides who is asked first. */
final class OrderedRouter implements Router {
    private final List<Peer> peers;
    private final Lookup.Next last;

    OrderedRouter(Peer... peers) {
        this(new Lookup.Ended(), peers);
    }

    private OrderedRouter(Lookup.Next last, Peer... peers) {
        this.last = last;
        this.peers = List.of(peers);
    }

    /** One whose look-ups find nobody and don't end. */
    static OrderedRouter searching() {
        return new OrderedRouter(new Lookup.TimedOut());
    }

    @Override
    public boolean ready() {
        return true;
    }

    @Override
    public Lookup lookup(Key key, int maxPeers) {
        Deque<Lookup.Next> steps = new ArrayDeque<>();
        for (Peer peer : peers) {
            steps.add(new Lookup.Found(peer));
            steps.add(new Lookup.TimedOut());
        }
        return new Lookup() {
            @Override
            public Next next(Duration limit) {
                if (!limit.isZero() && steps.peek() instanceof Lookup.TimedOut) {
                    steps.remove(); // who waits gets the next one
                }
                return steps.isEmpty() ? last : steps.remove();
            }

            @Override
            public void close() {
                steps.clear();
            }
        };
    }

    @Override
    public void advertise(Collection<Key> keys) {}

    @Override
    public void withdraw(Collection<Key> keys) {}

    @Override
    public Duration advertisementInterval() {
        return Duration.ofMinutes(1);
    }

    @Override
    public List<Peer> peers() {
        return peers;
    }

    @Override
    public void close() {}
}
