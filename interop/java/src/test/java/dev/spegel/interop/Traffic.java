package dev.spegel.interop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Makes each of some peers do one random thing after the other. What ought to succeed and doesn't is a failure. */
final class Traffic {
    /** A pause after each thing that a peer does, so that all of them together leave something of two cores. */
    private static final Duration PAUSE = Duration.ofMillis(50);

    /** Go announces in the background; a key that is older has to be found. */
    private static final Duration SETTLED = Duration.ofSeconds(10);

    private static final int MAX_KEYS_AT_ONCE = 20;

    private final List<Peer> peers;
    private final long seed;
    private final List<Announced> announced = new CopyOnWriteArrayList<>();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final Map<String, LongAdder> done = new ConcurrentHashMap<>();
    private final LongAdder keys = new LongAdder();

    Traffic(List<Peer> peers, long seed) {
        this.peers = List.copyOf(peers);
        this.seed = seed;
    }

    void run(Duration length) throws InterruptedException, ExecutionException {
        long end = System.nanoTime() + length.toNanos();
        ScheduledExecutorService threads = Executors.newScheduledThreadPool(peers.size());
        try {
            List<ScheduledFuture<?>> runs = new ArrayList<>();
            for (int i = 0; i < peers.size(); i++) {
                Peer peer = peers.get(i);
                Random random = new Random(seed + i);
                runs.add(threads.scheduleWithFixedDelay(
                        () -> step(peer, random), i, PAUSE.toMillis(), TimeUnit.MILLISECONDS));
            }
            threads.schedule(
                            () -> runs.forEach(run -> run.cancel(false)), end - System.nanoTime(), TimeUnit.NANOSECONDS)
                    .get();
        } finally {
            threads.shutdown();
            if (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
                failures.add("a request is still running a minute after the end");
                threads.shutdownNow();
            }
        }
    }

    private void step(Peer peer, Random random) {
        String what = choose(random);
        Peer other = peers.get(random.nextInt(peers.size()));
        try {
            switch (what) {
                case "provide" -> provide(peer, 1 + random.nextInt(MAX_KEYS_AT_ONCE));
                case "find" -> find(peer, random);
                case "miss" -> miss(peer, random);
                case "refresh" -> peer.refresh();
                case "connect" -> {
                    if (other != peer) {
                        peer.connect(other.address());
                    }
                }
                default -> {
                    if (other != peer) {
                        peer.connect(other.address());
                        peer.ping(other);
                    }
                }
            }
            done.computeIfAbsent(what, key -> new LongAdder()).increment();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            failures.add("%s: %s: %s".formatted(peer, what, e));
        }
    }

    private static String choose(Random random) {
        int chance = random.nextInt(100);
        if (chance < 20) {
            return "provide";
        } else if (chance < 65) {
            return "find";
        } else if (chance < 75) {
            return "miss";
        } else if (chance < 77) {
            return "refresh";
        } else if (chance < 87) {
            return "connect";
        }
        return "ping";
    }

    private void provide(Peer peer, int count) throws Exception {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            keys.increment();
            names.add("%s announces key %d of %d".formatted(peer, i, System.nanoTime()));
        }
        peer.provide(names);
        announced.add(new Announced(peer, names.get(0), System.nanoTime()));
    }

    private void find(Peer peer, Random random) throws Exception {
        if (announced.isEmpty()) {
            return;
        }
        Announced wanted = announced.get(random.nextInt(announced.size()));
        if (wanted.by() == peer || System.nanoTime() - wanted.nanos() < SETTLED.toNanos()) {
            return;
        }
        if (!peer.find(wanted.key(), 1).containsKey(wanted.by().id())) {
            failures.add("%s doesn't find \"%s\"".formatted(peer, wanted.key()));
        }
    }

    private void miss(Peer peer, Random random) throws Exception {
        String key = "nobody announces " + random.nextLong();
        if (!peer.find(key, 1).isEmpty()) {
            failures.add("%s finds \"%s\"".formatted(peer, key));
        }
    }

    /** What ought to have succeeded and didn't. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    /** What was done how often. */
    String report() {
        return "traffic with seed %d: %s, %s keys, %d failures".formatted(seed, done, keys, failures.size());
    }

    private record Announced(Peer by, String key, long nanos) {}
}
