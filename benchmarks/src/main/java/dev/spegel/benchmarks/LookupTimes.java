package dev.spegel.benchmarks;

import dev.spegel.libp2p.kad.KadKey;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Look-ups of a network, one after another, by nodes and of keys that are drawn at random. For one thread. */
final class LookupTimes {
    private static final int ROUNDS = 3000;

    /** Misses take much longer, but their limit is about one in a hundred too. */
    private static final int HITS_A_MISS = 2;

    final Samples pings = new Samples();
    final Samples hits = new Samples();
    final Samples misses = new Samples();
    private int notFound;
    private final MeasuredNodes network;
    private final KeySpace space;
    private final Random random;
    /** A node that asks for a key twice may have the answer still. */
    private final Set<List<Object>> asked = new HashSet<>();

    /** @param seed another one for each series with a network, or it asks what it has asked before */
    LookupTimes(MeasuredNodes network, long seed) {
        this.network = network;
        space = new KeySpace(network.ids());
        random = new Random(seed);
    }

    /** Looks up as much as is measured later, for connections and the just-in-time compiler. */
    static void warmUp(MeasuredNodes network) throws IOException, InterruptedException {
        new LookupTimes(network, 1).run(ROUNDS);
    }

    /** Measures a network that is warm and at rest. */
    static LookupTimes of(MeasuredNodes network) throws IOException, InterruptedException {
        LookupTimes times = new LookupTimes(network, 2);
        times.run(ROUNDS);
        return times;
    }

    /** How many look-ups ended without a provider though there was one. */
    int notFound() {
        return notFound;
    }

    private void run(int rounds) throws IOException, InterruptedException {
        for (int round = 0; round < rounds; round++) {
            pings.addNanos(network.ping(1 + random.nextInt(network.ids().size() - 1)));
            hitOrMiss(round);
        }
    }

    /** Measures one look-up: of every so many one that finds nothing. */
    void hitOrMiss(int number) throws IOException, InterruptedException {
        int nodes = network.ids().size();
        if (number % (HITS_A_MISS + 1) == HITS_A_MISS) {
            misses.addNanos(network.miss(random.nextInt(nodes), "nobody has " + random.nextLong()));
            return;
        }
        while (true) {
            int node = random.nextInt(nodes);
            int owner = random.nextInt(nodes);
            List<String> keys = network.keys(owner);
            String key = keys.get(random.nextInt(keys.size()));
            if (node != owner && !space.holds(node, KadKey.ofText(key), owner) && asked.add(List.of(node, key))) {
                network.hit(node, key).ifPresentOrElse(hits::addNanos, () -> notFound++);
                return;
            }
        }
    }
}
