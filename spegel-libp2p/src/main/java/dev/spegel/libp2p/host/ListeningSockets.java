package dev.spegel.libp2p.host;

import dev.spegel.libp2p.multiformats.Multiaddr;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where a host listens, and what it tells peers of that, which changes with the machine's addresses. */
final class ListeningSockets {
    /** How often to look at the machine's addresses: p2p/host/basic/addrs_manager.go, {@code interfaceAddrsCacheTTL}. */
    static final Duration INTERVAL = Duration.ofMinutes(1);

    private static final Logger log = LoggerFactory.getLogger(ListeningSockets.class);

    private final HostConfig config;
    private final EventExecutor loop;
    private final HostSurroundings surroundings;
    private final List<Transport.Listening> listening = new ArrayList<>();
    /** The addresses asked for with the ports that were bound, so that an unspecified one keeps its family. */
    private final List<InetSocketAddress> sockets = new ArrayList<>();

    private Set<InetSocketAddress> bound = Set.of();
    private volatile List<Multiaddr> told = List.of();
    private @Nullable Future<?> timer;
    private boolean isClosed;

    ListeningSockets(HostConfig config, EventExecutor loop, HostSurroundings surroundings) {
        this.config = config;
        this.loop = loop;
        this.surroundings = surroundings;
    }

    /** What peers are told. From any thread. */
    List<Multiaddr> told() {
        return told;
    }

    /** Where connections reach this host, addresses included that peers aren't told. */
    Set<InetSocketAddress> bound() {
        return bound;
    }

    /** Binds all, or none if one can't be bound. */
    CompletableFuture<Void> bind(Transport transport, Transport.Gate gate, Consumer<Connection> accepted) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        CompletableFuture<Void> listening = machineAddresses()
                .thenComposeAsync(
                        machine -> listen(transport, gate, accepted).thenAccept(all -> update(machine)), loop);
        Outcomes.follow(
                listening,
                bound -> {
                    if (isClosed) {
                        failClosed(result, new IOException("the host was closed before it listened"));
                    } else {
                        result.complete(null);
                    }
                },
                failure -> loop.execute(() -> failClosed(result, failure)));
        return result;
    }

    private void failClosed(CompletableFuture<Void> result, Throwable reason) {
        Outcomes.afterwards(close(), () -> result.completeExceptionally(reason));
    }

    private CompletableFuture<Void> listen(Transport transport, Transport.Gate gate, Consumer<Connection> accepted) {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (InetSocketAddress wanted : config.listen()) {
            if (wanted.isUnresolved()) {
                all.add(CompletableFuture.failedFuture(
                        new IOException("can't listen on %s: it has no address".formatted(wanted))));
                continue;
            }
            all.add(transport.listen(wanted, gate, accepted).thenAccept(socket -> {
                listening.add(socket);
                sockets.add(new InetSocketAddress(
                        wanted.getAddress(), socket.address().getPort()));
            }));
        }
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new));
    }

    /** Looks at the machine's addresses from time to time; {@code changed} is told on the event loop when that matters. */
    void watch(Runnable changed) {
        if (!isClosed && !sockets.isEmpty()) {
            timer = loop.schedule(() -> look(changed), INTERVAL.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void look(Runnable changed) {
        Outcomes.follow(
                machineAddresses(),
                machine -> loop.execute(() -> {
                    if (!isClosed) {
                        takeOver(machine, changed);
                        watch(changed);
                    }
                }),
                failure -> {
                    log.warn("the addresses of this machine stay as they were: {}", Outcomes.reasonOf(failure));
                    loop.execute(() -> watch(changed));
                });
    }

    private void takeOver(List<InetAddress> machine, Runnable changed) {
        List<Multiaddr> before = told;
        try {
            update(machine);
        } catch (RuntimeException e) { // what the embedder's function throws, or what it yields
            log.warn("peers are told the addresses that they were told before", e);
            return;
        }
        if (!told.equals(before)) {
            changed.run();
        }
    }

    private void update(List<InetAddress> machine) {
        bound = OwnAddresses.bound(sockets, machine);
        told = OwnAddresses.told(sockets, machine, config.announced());
    }

    private CompletableFuture<List<InetAddress>> machineAddresses() {
        try {
            return CompletableFuture.supplyAsync(surroundings.machineAddresses(), surroundings.blocking());
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(new IOException("no thread is free to list the interfaces", e));
        }
    }

    CompletableFuture<Void> close() {
        isClosed = true;
        if (timer != null) {
            timer.cancel(false);
        }
        return CompletableFuture.allOf(
                listening.stream().map(Transport.Listening::close).toArray(CompletableFuture[]::new));
    }
}
