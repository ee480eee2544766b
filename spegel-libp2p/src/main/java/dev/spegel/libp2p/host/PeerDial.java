package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to reach a peer at any of its addresses. Private and public addresses are tried side by side, within each kind one
 * after the other: the next as soon as one has failed, or hasn't answered for a moment. The first connection wins, and the other
 * dials are given up.
 *
 * <p>The moments are go-libp2p's, p2p/net/swarm/dial_ranker.go, and so are the bounds, p2p/net/swarm/limiter.go.
 */
final class PeerDial {
    static final Duration PRIVATE_STAGGER = Duration.ofMillis(30);
    static final Duration PUBLIC_STAGGER = Duration.ofMillis(250);
    static final int MAX_RUNNING = 8;

    /** For all addresses together: p2p/net/swarm/swarm.go, {@code defaultDialTimeout} of a peer. */
    static final Duration LIMIT = Duration.ofSeconds(60);

    private final Dialler dialler;
    private final Optional<PeerId> peer;
    private final String whom;
    private final EventExecutor loop;
    private final long startNanos;
    private final Future<?> limit;
    private final CompletableFuture<Connection> result = new CompletableFuture<>();
    private final Group privates = new Group(PRIVATE_STAGGER);
    private final Group publics = new Group(PUBLIC_STAGGER);
    private final Set<InetSocketAddress> seen = new HashSet<>();
    private final List<CompletableFuture<Connection>> running = new ArrayList<>();
    private final DialFailures failures = new DialFailures();
    private int lookups;
    private int queued;

    /** @param whom for messages */
    PeerDial(Dialler dialler, Optional<PeerId> peer, String whom) {
        this.dialler = dialler;
        this.peer = peer;
        this.whom = whom;
        loop = dialler.loop();
        startNanos = dialler.nowNanos();
        limit = loop.schedule(
                () -> fail(new IOException("can't connect to %s within %d s".formatted(whom, LIMIT.toSeconds()))),
                LIMIT.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    /** Completes with the first connection, which the host has admitted. */
    CompletableFuture<Connection> result() {
        return result;
    }

    /** Tries these addresses too. */
    void add(List<Multiaddr> addresses, Dialler.Patience patience) {
        take(addresses, patience);
        endIfExhausted();
    }

    /** There is a connection by other means. Dials that run go on: the peer may be about to give up its own for one of them. */
    void connected(Connection connection) {
        if (result.complete(connection)) {
            stop();
        }
    }

    void fail(IOException reason) {
        if (result.completeExceptionally(reason)) {
            stop();
            giveUpRunning();
        }
    }

    private void take(List<Multiaddr> addresses, Dialler.Patience patience) {
        DialCandidates candidates = DialCandidates.of(addresses, peer, dialler.ownSockets());
        candidates.refused().forEach(failures::add);
        List<DialTarget> fresh = candidates.targets().stream()
                .filter(target -> !seen.contains(target.socket()) && isToBeTried(target, patience))
                .filter(target -> seen.size() < DialCandidates.MAX_TARGETS && seen.add(target.socket()))
                .toList();
        // Lookups are counted before anything starts, as a dial may fail at once.
        List<DialCandidates.Name> names = candidates.names().stream()
                .limit(Math.max(0, DialCandidates.MAX_NAMES - lookups))
                .toList();
        lookups += names.size();
        DialTarget.ranked(fresh).forEach(target -> (target.isPrivate() ? privates : publics).waiting.add(target));
        privates.start();
        publics.start();
        names.forEach(name -> lookUp(name, patience));
    }

    private boolean isToBeTried(DialTarget target, Dialler.Patience patience) {
        if (patience == Dialler.Patience.NONE) {
            return true;
        }
        Duration wait = dialler.backoffOf(peer, target);
        if (!wait.isZero()) {
            failures.add(
                    target.address(),
                    "it has failed lately, and is left alone for %d s".formatted(wait.toSeconds() + 1));
        }
        return wait.isZero();
    }

    private void lookUp(DialCandidates.Name name, Dialler.Patience patience) {
        Outcomes.follow(
                dialler.lookUp(name.host()),
                found -> dialler.onLoop(() -> lookedUp(() -> takeResolved(name, found, patience))),
                failure -> dialler.onLoop(() -> lookedUp(() -> failures.add(name.address(), failure))));
    }

    private void lookedUp(Runnable outcome) {
        lookups--;
        if (!result.isDone()) {
            outcome.run();
            endIfExhausted();
        }
    }

    private void takeResolved(DialCandidates.Name name, List<InetAddress> found, Dialler.Patience patience) {
        List<Multiaddr> resolved = name.resolved(found);
        if (resolved.isEmpty()) {
            failures.add(name.address(), "the name has no address of this kind");
        }
        take(resolved, patience);
    }

    private void dial(DialTarget target, Group group) {
        queued++;
        group.running++;
        boolean accepted = dialler.slots().run(() -> dialNow(target, group));
        if (!accepted) {
            queued--;
            group.running--;
            failures.add(target.address(), "too many dials wait");
        }
    }

    private void dialNow(DialTarget target, Group group) {
        queued--;
        if (result.isDone()) {
            dialler.slots().release();
            return;
        }
        CompletableFuture<Connection> dial = dialler.dial(target, peer, left());
        running.add(dial);
        Outcomes.follow(
                dial,
                connection -> {
                    ended(dial, group);
                    succeeded(connection);
                },
                failure -> {
                    ended(dial, group);
                    failed(target, group, failure);
                });
    }

    private void ended(CompletableFuture<Connection> dial, Group group) {
        running.removeIf(other -> other == dial);
        group.running--;
        dialler.slots().release();
    }

    private void failed(DialTarget target, Group group, Throwable failure) {
        if (result.isDone()) {
            return; // it has been given up
        }
        dialler.failed(peer, target);
        failures.add(target.address(), failure);
        group.next();
        privates.start();
        publics.start();
        endIfExhausted();
    }

    private Duration left() {
        return Duration.ofNanos(Math.max(1, LIMIT.toNanos() - (dialler.nowNanos() - startNanos)));
    }

    private void succeeded(Connection connection) {
        boolean first = !result.isDone();
        try {
            dialler.admit(connection); // completes the result by way of connected()
        } catch (IOException e) {
            result.completeExceptionally(e);
        }
        result.complete(connection);
        if (first) {
            stop();
            giveUpRunning();
        }
    }

    private void endIfExhausted() {
        boolean exhausted = running.isEmpty()
                && queued == 0
                && lookups == 0
                && privates.waiting.isEmpty()
                && publics.waiting.isEmpty();
        if (exhausted && !result.isDone()) {
            fail(
                    failures.areOwnAddresses()
                            ? new DialledSelfException("%s is this node itself".formatted(whom))
                            : failures.toException(whom));
        }
    }

    private void stop() {
        limit.cancel(false);
        privates.stop();
        publics.stop();
    }

    private void giveUpRunning() {
        List.copyOf(running).forEach(dial -> dial.cancel(false));
    }

    /** Addresses of one kind, in the order in which to try them. */
    private final class Group {
        private final Duration stagger;
        private final Queue<DialTarget> waiting = new ArrayDeque<>();
        private @Nullable Future<?> timer;
        private int running;

        Group(Duration stagger) {
            this.stagger = stagger;
        }

        void start() {
            if (running == 0) {
                next();
            } else {
                arm();
            }
        }

        void next() {
            disarm();
            if (result.isDone() || PeerDial.this.running.size() + queued >= MAX_RUNNING) {
                return; // the end of a running one calls again
            }
            DialTarget target = waiting.poll();
            if (target != null) {
                arm();
                dial(target, this);
            }
        }

        private void overtake() {
            timer = null;
            next();
            endIfExhausted();
        }

        private void arm() {
            if (timer == null && !waiting.isEmpty()) {
                timer = loop.schedule(this::overtake, stagger.toNanos(), TimeUnit.NANOSECONDS);
            }
        }

        private void disarm() {
            if (timer != null) {
                timer.cancel(false);
                timer = null;
            }
        }

        void stop() {
            disarm();
            waiting.clear();
        }
    }
}
