package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.kad.Batches.Batch;
import dev.spegel.libp2p.kad.Batches.Tally;
import dev.spegel.libp2p.kad.OwnKeys.OwnKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Keeps this node's keys announced with the peers nearest to each, at a cost that hardly depends on how many keys there are.
 *
 * <p>Outline: when a key is due, the part of the key space around it is {@linkplain Exploration explored}, unless that was done
 * lately. All keys of that part that are due soon are then shared out among its peers, and each peer gets all of its keys over
 * one stream. Keys that were never sent go out at once, as fast as {@link Pace} lets; renewals are spread over some seconds. One or
 * two keys by themselves are sent to the peers that a plain lookup found. When a peer appears that is nearer to some keys than their
 * farthest holder, it's sent those; when a peer can't be reached, the next nearest gets its keys.
 *
 * <p>Thus K keys in a network of N nodes cost, an interval, K × {@code replication} announcements as they must, at most about
 * N / 8 lookups if K is large, and at most K if it is small. Two parts of {@code maxDelay} keep the gap between two
 * announcements below interval + maxDelay: keys come up to {@link #early} before their time, and are sent within {@link #spread}.
 */
final class ProvidePlan {
    /** Parts explored at a time: go-libp2p-kad-dht, {@code provider}, workers. */
    static final int MAX_EXPLORATIONS = 4;

    /** With fewer keys than this in a part, exploring it costs more than looking them up: go-libp2p-kad-dht. */
    static final int MIN_KEYS_TO_EXPLORE = 3;

    /** For how long the peers of a part are taken as known: go-libp2p-kad-dht, {@code provider}, caches as long. */
    static final Duration MAX_REGION_AGE = Duration.ofMinutes(5);

    /**
     * Keys shared out in one call of {@link #next}: some 3 ms of work, after which the event loop can turn to others. In a network
     * of 50 they fill a batch for each peer.
     */
    static final int MAX_SHARED_KEYS = 512;

    /** When what failed is tried again; Go waits five minutes, which is long for a cluster that has just lost its network. */
    static final Duration RETRY_AFTER = Duration.ofSeconds(30);

    private static final Position ALL_ONES = Position.ofHash(ones());

    sealed interface Step {
        /** Find the peers nearest to a key; it needn't be one of ours. */
        record LookUp(long id, KadKey target) implements Step {}

        /** Announce keys to a peer. */
        record Send(long id, PeerId peer, List<KadKey> keys) implements Step {}

        /** Tell whoever gave these keys that they are announced, or that they couldn't be for now. */
        record Outcome(List<KadKey> keys, boolean sent) implements Step {}
    }

    private static final class Visit {
        final OwnKey start;
        final Exploration exploration;
        final Set<OwnKey> keys = new HashSet<>();
        KadKey target;

        Visit(OwnKey start, int replication) {
            this.start = start;
            target = start.key;
            exploration = new Exploration(replication);
            keys.add(start);
        }
    }

    private final int replication;
    private final OwnKeys keys;
    private final Random random;
    private final long earlyNanos;
    private final long spreadNanos;
    private final long maxRegionAgeNanos;
    private final List<Region> regions = new ArrayList<>();
    private final Map<Long, Visit> visits = new LinkedHashMap<>();
    private final Batches batches;
    private final List<Step> steps = new ArrayList<>();
    private long lastId;
    /** How often the node has gone online or offline; what was begun in an earlier round no longer says anything. */
    private int round;

    private int regionBits;
    private boolean online;
    private boolean changed = true;
    private long wakeNanos;

    ProvidePlan(PeerId self, int replication, ProviderConfig config, Random random, long nowNanos) {
        this.replication = replication;
        this.random = random;
        batches = new Batches(nowNanos);
        Duration early = early(config);
        earlyNanos = early.toNanos();
        spreadNanos = spread(config).toNanos();
        maxRegionAgeNanos = Math.min(
                MAX_REGION_AGE.toNanos(), config.interval().dividedBy(3).toNanos());
        keys = new OwnKeys(Contact.of(self).position(), config.interval(), early, nowNanos);
        wakeNanos = nowNanos;
    }

    /** How long before its time a key may be sent along with others. */
    static Duration early(ProviderConfig config) {
        return config.maxDelay().multipliedBy(5).dividedBy(8);
    }

    /** Over how long renewals are spread. */
    static Duration spread(ProviderConfig config) {
        return config.maxDelay().dividedBy(4);
    }

    boolean provides(KadKey key) {
        return keys.contains(key);
    }

    int size() {
        return keys.size();
    }

    /** Whether something may still be sent to this peer, so that its addresses are needed. */
    boolean needs(PeerId peer) {
        return batches.isBusy(peer) || regions.stream().anyMatch(region -> region.contains(peer));
    }

    /** Takes in keys. For each a {@link Step.Outcome} follows, at once if it's announced already or there is nobody to send to. */
    void provide(Collection<KadKey> added, long nowNanos) {
        List<KadKey> announced = new ArrayList<>();
        List<KadKey> stuck = new ArrayList<>();
        for (KadKey key : added) {
            if (keys.add(key, nowNanos).announced) {
                announced.add(key);
            } else if (!online) {
                stuck.add(key);
            }
        }
        tell(announced, true);
        tell(stuck, false);
        changed = true;
    }

    void withdraw(Collection<KadKey> removed) {
        removed.forEach(keys::remove);
        changed = true;
    }

    /** The node has met somebody, or can say where it listens: everything is announced, as others may have forgotten it. */
    void online(long nowNanos) {
        online = true;
        round++;
        regions.clear();
        regionBits = 0;
        batches.clear();
        for (OwnKey key : keys.all()) {
            key.dueNanos = nowNanos;
            key.sent = false;
            key.announced = false;
        }
        changed = true;
    }

    /** There is nobody to announce anything to, which whoever waits for it is told. */
    void offline() {
        online = false;
        round++;
        batches.clear();
        List<KadKey> stuck = new ArrayList<>();
        for (OwnKey key : keys.all()) {
            if (!key.announced) {
                stuck.add(key.key);
            }
            key.announced = false;
        }
        tell(stuck, false);
    }

    /** A peer that serves the DHT has appeared: it gets the keys that it's nearer to than their farthest holder. */
    void peerJoined(PeerId id, long nowNanos) {
        if (!online) {
            return;
        }
        Contact peer = Contact.of(id);
        List<OwnKey> nearer = keys.all().stream()
                .filter(key -> key.sent && key.radius.compareTo(key.position.xor(peer.position())) > 0)
                .filter(key ->
                        regionOf(key).filter(region -> region.contains(id)).isEmpty())
                .toList();
        regions.forEach(region -> region.add(peer));
        enqueue(peer, nearer, nowNanos, new Tally(Set.of(), round));
    }

    /** A peer couldn't be reached. */
    void peerFailed(PeerId peer) {
        // With too few left, what is known of a part is no longer good enough, even if the part is everything.
        regions.removeIf(region -> region.remove(peer) && region.size() < replication);
    }

    /** What to do now. */
    List<Step> next(long nowNanos) {
        if (!online || (!changed && nowNanos - wakeNanos < 0)) {
            return takeSteps();
        }
        regions.removeIf(region -> region.ageNanos(nowNanos) >= maxRegionAgeNanos);
        boolean more = startVisits(nowNanos);
        startBatches(nowNanos);
        changed = more;
        // What is due but can't start waits for an end, which counts as a change.
        wakeNanos = batches.wakeNanos(
                nowNanos,
                keys.nextDueNanos(nowNanos, nowNanos + Duration.ofDays(1).toNanos()));
        return takeSteps();
    }

    private List<Step> takeSteps() {
        List<Step> now = List.copyOf(steps);
        steps.clear();
        return now;
    }

    private void tell(List<KadKey> about, boolean sent) {
        if (!about.isEmpty()) {
            steps.add(new Step.Outcome(List.copyOf(about), sent));
        }
    }

    private void tell(Collection<OwnKey> about, int asOfRound, boolean sent) {
        if (asOfRound == round) {
            tell(about.stream().filter(keys::contains).map(key -> key.key).toList(), sent);
        }
    }

    /** When {@link #next} has something to say even if nothing else happens. */
    long wakeNanos(long nowNanos) {
        if (!steps.isEmpty()) {
            return nowNanos;
        }
        return !online ? nowNanos + Duration.ofDays(1).toNanos() : changed ? nowNanos : wakeNanos;
    }

    /** The lookup is over; nothing found means that it failed. */
    void lookedUp(long id, List<Contact> closest, long nowNanos) {
        Visit visit = visits.remove(id);
        if (visit == null) {
            return;
        }
        changed = true;
        visit.keys.forEach(key -> key.inWork = false);
        if (closest.isEmpty()) {
            visit.keys.forEach(key -> key.dueNanos = nowNanos + RETRY_AFTER.toNanos());
            tell(visit.keys, round, false);
            return;
        }
        boolean first = visit.exploration.peers().isEmpty();
        visit.exploration.found(visit.target.position(), closest);
        Prefix part = visit.exploration.region();
        List<OwnKey> due = keys.dueIn(part, nowNanos, nowNanos + earlyNanos);
        if (first && part.length() > 0 && due.size() < MIN_KEYS_TO_EXPLORE) {
            share(List.of(visit.start), new Region(Prefix.EVERYTHING, closest, nowNanos), nowNanos);
            return;
        }
        Optional<Prefix> gap = visit.exploration.gap();
        if (gap.isPresent()) {
            visit.keys.addAll(due);
            visit.keys.forEach(key -> key.inWork = true);
            lookUp(visit, keys.anyIn(gap.get()).orElseGet(() -> Preimages.within(gap.get(), random.nextInt())));
            return;
        }
        Region region = new Region(part, visit.exploration.peers(), nowNanos);
        regions.removeIf(old -> part.covers(old.prefix()));
        regions.add(region);
        regionBits = part.length();
        // Its keys are still due, and shared out in the next turns.
    }

    /** The peer took all of the batch. */
    void sent(long id, long nowNanos) {
        batches.ended(id).ifPresent(batch -> end(batch, nowNanos));
    }

    /** The peer wasn't reached, or refused: the next nearest of each key takes its place. */
    void failed(long id, long nowNanos) {
        batches.ended(id).ifPresent(batch -> failed(batch, nowNanos));
    }

    private void failed(Batch batch, long nowNanos) {
        PeerId peer = batch.peer().id();
        List<OwnKey> orphans = batch.keys().stream()
                .filter(key ->
                        regionOf(key).filter(region -> region.contains(peer)).isPresent())
                .toList();
        peerFailed(peer);
        Map<Contact, List<OwnKey>> byPeer = new LinkedHashMap<>();
        for (OwnKey key : orphans) {
            regionOf(key)
                    .filter(region -> region.size() >= replication)
                    .ifPresent(region -> byPeer.computeIfAbsent(
                                    region.nearest(key.position, replication).get(replication - 1),
                                    p -> new ArrayList<>())
                            .add(key));
        }
        byPeer.forEach((next, orphaned) -> enqueue(next, orphaned, nowNanos, new Tally(Set.of(), round)));
        batch.tally().failed++;
        end(batch, nowNanos);
    }

    /** Starts what is due; true if some of it has to wait for the next turn. */
    private boolean startVisits(long nowNanos) {
        int shared = 0;
        Optional<OwnKey> due = keys.due(nowNanos, this::canStart);
        while (due.isPresent()) {
            if (shared >= MAX_SHARED_KEYS) {
                return true;
            }
            OwnKey key = due.get();
            Optional<Region> known = regionOf(key);
            if (known.isPresent()) {
                List<OwnKey> part =
                        keys.dueIn(known.get().prefix(), nowNanos, nowNanos + earlyNanos, MAX_SHARED_KEYS - shared);
                share(part, known.get(), nowNanos);
                shared += part.size();
            } else {
                key.inWork = true;
                lookUp(new Visit(key, replication), key.key);
            }
            due = keys.due(nowNanos, this::canStart);
        }
        return false;
    }

    private boolean canStart(OwnKey key) {
        if (regionOf(key).isPresent()) {
            return true;
        }
        // A visit takes its neighbours along. How far it reaches shows only later; the last one is a guide, give or
        // take a bit.
        int reach = Math.max(0, regionBits - 1);
        return visits.size() < MAX_EXPLORATIONS
                && visits.values().stream()
                        .noneMatch(visit -> visit.start.position.commonPrefixLength(key.position) >= reach);
    }

    private void lookUp(Visit visit, KadKey target) {
        long id = ++lastId;
        visit.target = target;
        visits.put(id, visit);
        steps.add(new Step.LookUp(id, target));
    }

    /** Gives each key to the peers of the region that are nearest to it. */
    private void share(List<OwnKey> shared, Region region, long nowNanos) {
        Map<Contact, List<OwnKey>> fresh = new LinkedHashMap<>();
        Map<Contact, List<OwnKey>> renewed = new LinkedHashMap<>();
        Map<Boolean, Set<OwnKey>> sentBefore =
                shared.stream().collect(Collectors.partitioningBy(key -> key.sent, Collectors.toSet()));
        for (OwnKey key : shared) {
            List<Contact> holders = region.nearest(key.position, replication);
            for (Contact holder : holders) {
                (key.sent ? renewed : fresh)
                        .computeIfAbsent(holder, h -> new ArrayList<>())
                        .add(key);
            }
            key.sent = true;
            key.radius = holders.size() < replication
                    ? ALL_ONES
                    : key.position.xor(holders.get(replication - 1).position());
            keys.schedule(key, nowNanos);
        }
        Tally freshTally = new Tally(sentBefore.getOrDefault(false, Set.of()), round);
        fresh.forEach((peer, given) -> enqueue(peer, given, nowNanos, freshTally));
        Tally renewedTally = new Tally(sentBefore.getOrDefault(true, Set.of()), round);
        long step = spreadNanos / Math.max(1, renewed.size());
        long notBefore = nowNanos;
        for (Map.Entry<Contact, List<OwnKey>> given : renewed.entrySet()) {
            enqueue(given.getKey(), given.getValue(), notBefore, renewedTally);
            notBefore += step;
        }
    }

    private void enqueue(Contact peer, List<OwnKey> given, long notBeforeNanos, Tally tally) {
        batches.add(peer, given, notBeforeNanos, tally);
        changed |= !given.isEmpty();
    }

    private void startBatches(long nowNanos) {
        for (Batches.Started started : batches.start(nowNanos, keys::contains)) {
            Batch batch = started.batch();
            if (started.wanted().isEmpty()) {
                end(batch, nowNanos);
            } else {
                steps.add(new Step.Send(batch.id(), batch.peer().id(), started.wanted()));
            }
        }
    }

    private void end(Batch batch, long nowNanos) {
        changed = true;
        Tally tally = batch.tally();
        tally.ended++;
        // As go-libp2p-kad-dht: what reached less than a fifth of its peers counts as not announced.
        boolean failed = tally.failed * 5 > tally.batches * 4;
        if (tally.ended < tally.batches || tally.round != round) {
            return;
        }
        for (OwnKey key : tally.keys) {
            key.announced = !failed;
            if (failed) {
                key.sent = false;
                key.dueNanos = nowNanos + RETRY_AFTER.toNanos();
            }
        }
        tell(tally.keys, round, !failed);
    }

    private Optional<Region> regionOf(OwnKey key) {
        for (Region region : regions) {
            if (region.prefix().covers(key.position)) {
                return Optional.of(region);
            }
        }
        return Optional.empty();
    }

    private static byte[] ones() {
        byte[] ones = new byte[Position.BITS / 8];
        Arrays.fill(ones, (byte) 0xff);
        return ones;
    }
}
