package dev.spegel.benchmarks;

import dev.spegel.libp2p.kad.KadConfig;
import dev.spegel.libp2p.kad.KadKey;
import dev.spegel.routing.dht.DhtRouterConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** How the cost of one node grows with their number: networks in virtual time, the same logic as over sockets. */
final class SimulatedPart {
    private static final String PART = "simulated";
    private static final double MIB = 1024.0 * 1024;
    private static final int LOOKUPS = 500;

    private SimulatedPart() {}

    static List<Figure> measure(int nodes, int keysEach) throws IOException {
        Random random = new Random(nodes);
        long before = Heap.usedBytes();
        KadConfig config = KadConfig.DEFAULTS.withProviders(DhtRouterConfig.PROVIDERS);
        SimulatedDht network = new SimulatedDht(config, random.nextLong());
        network.grow(nodes, Duration.ofMillis(20));
        network.run(Duration.ofMinutes(1));
        for (int node = 0; node < nodes; node++) {
            network.provide(
                    node,
                    LoopbackNetwork.names(node, keysEach).stream()
                            .map(KadKey::ofText)
                            .toList());
            network.run(Duration.ofMillis(100));
        }
        network.run(Duration.ofMinutes(1));
        List<Figure> figures = new ArrayList<>(lookups(network, keysEach, random));

        long requests = network.requests();
        long records = network.records();
        network.run(config.providers().interval());
        figures.add(
                figure(nodes, "requests a node and interval", (double) (network.requests() - requests) / nodes, ""));
        figures.add(figure(nodes, "records a node and interval", (double) (network.records() - records) / nodes, ""));
        figures.add(figure(nodes, "heap a node", (Heap.usedBytes() - before) / MIB / network.size(), "MiB"));
        return figures;
    }

    private static List<Figure> lookups(SimulatedDht network, int keysEach, Random random) throws IOException {
        int nodes = network.size();
        List<Integer> asked = new ArrayList<>();
        List<Integer> hops = new ArrayList<>();
        for (int i = 0; i < LOOKUPS; i++) {
            int owner = random.nextInt(nodes);
            KadKey key = KadKey.ofText(LoopbackNetwork.names(owner, keysEach).get(random.nextInt(keysEach)));
            network.find(random.nextInt(nodes), key, finished -> {
                asked.add(finished.asked());
                hops.add(finished.hops());
            });
            network.run(Duration.ofMillis(500));
        }
        network.run(Duration.ofMinutes(1));
        if (asked.size() < LOOKUPS) {
            throw new IOException("of %d look-ups among %d nodes %d ended".formatted(LOOKUPS, nodes, asked.size()));
        }
        return List.of(
                figure(nodes, "requests a look-up", mean(asked), ""),
                figure(nodes, "hops a look-up, mean", mean(hops), ""),
                figure(
                                nodes,
                                "hops a look-up, most",
                                hops.stream().mapToInt(Integer::intValue).max().orElseThrow(),
                                "")
                        .atMost(Math.ceil(Math.log(nodes) / Math.log(2))));
    }

    private static double mean(List<Integer> numbers) {
        return numbers.stream().mapToInt(Integer::intValue).average().orElseThrow();
    }

    private static Figure figure(int nodes, String what, double value, String unit) {
        return Figure.of(PART, "%,d nodes: %s".formatted(nodes, what), value, unit);
    }
}
