package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.yamux.ResetCode;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Introduces peers to each other (libp2p/specs, identify/README.md): asks each new connection who is there, answers the same
 * question, and passes changes on. To be used on the event loop.
 */
final class IdentifyService {
    /** One peer's pushes: 10 at once, then one in 5 s, which is what go-libp2p takes from a network: p2p/protocol/identify/id.go. */
    static final int PUSH_BURST = 10;

    static final Duration PUSH_INTERVAL = Duration.ofSeconds(5);

    /** {@code maxPushConcurrency}. */
    static final int MAX_PUSHES = 32;

    /** A peer's questions and pushes under way; go-libp2p answers 16 at once: p2p/host/resource-manager. */
    static final int MAX_STREAMS_PER_PEER = 16;

    private static final Logger log = LoggerFactory.getLogger(IdentifyService.class);

    private final KeyPair identity;
    private final HostConfig config;
    private final EventExecutor loop;
    private final LongSupplier nanoClock;
    private final Executor workers;
    private final OwnRecord own;
    private final Function<PeerId, Optional<KnownPeer>> peers;
    private final Consumer<KnownPeer> identified;
    private final Map<PeerId, Integer> serving = new HashMap<>();
    private final Set<PeerId> toPush = new LinkedHashSet<>();
    private List<String> protocols = List.of();
    private int pushing;
    private long turns;

    /**
     * @param workers verify signatures
     * @param peers those with a connection
     * @param identified told whenever a peer has said something about itself
     */
    IdentifyService(
            KeyPair identity,
            HostConfig config,
            EventExecutor loop,
            LongSupplier nanoClock,
            Executor workers,
            OwnRecord own,
            Function<PeerId, Optional<KnownPeer>> peers,
            Consumer<KnownPeer> identified) {
        this.identity = identity;
        this.config = config;
        this.loop = loop;
        this.nanoClock = nanoClock;
        this.workers = workers;
        this.own = own;
        this.peers = peers;
        this.identified = identified;
    }

    /** @param spoken by this node, sorted */
    void setProtocols(List<String> spoken) {
        protocols = spoken;
    }

    /** Asks who is there. */
    void ask(KnownPeer peer, Connection connection) {
        peer.introductionStarted();
        IdentifyReader reader = new IdentifyReader();
        CompletableFuture<Stream> opened = connection.openStream(Identify.PROTOCOL, false, reader);
        Outcomes.follow(opened, stream -> {}, reader.result()::completeExceptionally);
        limit(reader.result(), () -> resetOnceOpen(opened));
        CompletableFuture<Void> takenIn = takeIn(reader, peer, connection.remote(), true);
        Outcomes.follow(takenIn, taken -> peer.introductionEnded(), failure -> {
            log.debug("{} hasn't said who it is: {}", peer.id(), Outcomes.reasonOf(failure));
            loop.execute(peer::introductionEnded); // not at once: if the connection ends, that's to be known first
        });
    }

    /** Answers who this node is. */
    StreamHandler answer(Stream stream) {
        MessageWriter writer = new MessageWriter(message(stream.remote()));
        if (serve(stream, writer.ended())) {
            limit(writer.ended(), () -> stream.reset(ResetCode.UNSPECIFIED));
            writer.write(stream);
        }
        return writer;
    }

    /** Takes in what a peer says unasked. */
    StreamHandler receivePush(Stream stream) {
        IdentifyReader reader = new IdentifyReader();
        Optional<KnownPeer> peer = peers.apply(stream.peer());
        if (peer.isEmpty() || !peer.get().pushes().allows(nanoClock.getAsLong())) {
            stream.reset(ResetCode.RATE_LIMITED);
            return reader;
        }
        if (serve(stream, reader.result())) {
            limit(reader.result(), () -> stream.reset(ResetCode.UNSPECIFIED));
            Outcomes.follow(
                    takeIn(reader, peer.get(), stream.remote(), false),
                    taken -> {},
                    failure -> log.debug("a push of {} is of no use: {}", stream.peer(), Outcomes.reasonOf(failure)));
        }
        return reader;
    }

    /** Tells these peers, as far as they want to know, who this node is by now. */
    void push(List<KnownPeer> changed) {
        changed.stream()
                .filter(peer -> peer.speaks(Identify.PUSH_PROTOCOL))
                .map(KnownPeer::id)
                .forEach(toPush::add);
        pushNext();
    }

    private void pushNext() {
        while (pushing < MAX_PUSHES && !toPush.isEmpty()) {
            PeerId next = toPush.iterator().next();
            toPush.remove(next);
            peers.apply(next).flatMap(KnownPeer::best).ifPresent(this::pushOver);
        }
    }

    private void pushOver(Connection connection) {
        pushing++;
        MessageWriter writer = new MessageWriter(message(connection.remote()));
        CompletableFuture<Stream> opened = connection.openStream(Identify.PUSH_PROTOCOL, true, writer);
        Outcomes.follow(
                opened,
                stream -> {
                    if (!writer.ended().isDone()) {
                        writer.write(stream);
                    }
                },
                failure -> {
                    log.debug("can't tell {} of new addresses: {}", connection.peer(), Outcomes.reasonOf(failure));
                    writer.ended().complete(null);
                });
        limit(writer.ended(), () -> resetOnceOpen(opened));
        Outcomes.afterwards(writer.ended(), () -> {
            pushing--;
            loop.execute(this::pushNext); // not at once: a row of refusals must not nest
        });
    }

    /** Whether the peer has a place for one more stream, which it keeps until {@code ended} completes; otherwise it's reset. */
    private boolean serve(Stream stream, CompletableFuture<?> ended) {
        if (serving.getOrDefault(stream.peer(), 0) >= MAX_STREAMS_PER_PEER) {
            stream.reset(ResetCode.RESOURCE_LIMIT_EXCEEDED);
            return false;
        }
        serving.merge(stream.peer(), 1, Integer::sum);
        Outcomes.afterwards(
                ended,
                () -> serving.computeIfPresent(
                        stream.peer(), (peer, count) -> count == 1 ? null : Integer.valueOf(count - 1)));
        return true;
    }

    private static void resetOnceOpen(CompletableFuture<Stream> opened) {
        Outcomes.follow(opened, stream -> stream.reset(ResetCode.UNSPECIFIED), failure -> {});
    }

    private void limit(CompletableFuture<?> result, Runnable giveUp) {
        Future<?> timer = loop.schedule(
                () -> {
                    if (result.completeExceptionally(new IOException("it has taken more than %d ms"
                            .formatted(config.streamLimit().toMillis())))) {
                        giveUp.run();
                    }
                },
                config.streamLimit().toNanos(),
                TimeUnit.NANOSECONDS);
        Outcomes.afterwards(result, () -> timer.cancel(false));
    }

    /** Verifies on a worker, as that takes too long for an event loop, and takes the outcome in. */
    private CompletableFuture<Void> takeIn(IdentifyReader reader, KnownPeer peer, Multiaddr remote, boolean whole) {
        return reader.result().thenCompose(identify -> {
            long turn = ++turns;
            try {
                return CompletableFuture.supplyAsync(() -> identify.addressesOf(peer.id(), remote), workers)
                        .thenAcceptAsync(
                                addresses -> {
                                    boolean isConnected = !peer.connections().isEmpty();
                                    if (isConnected && peer.told(turn, identify, addresses, whole)) {
                                        identified.accept(peer);
                                    }
                                },
                                loop);
            } catch (RejectedExecutionException e) {
                return CompletableFuture.failedFuture(new IOException("too many signatures wait to be verified", e));
            }
        });
    }

    private byte[] message(Multiaddr observed) {
        return IdentifyEncoder.encode(Identify.builder()
                .publicKey(identity.publicKey())
                .listenAddresses(own.addresses())
                .protocols(protocols)
                .observedAddress(observed)
                .agentVersion(config.agentVersion())
                .signedPeerRecord(own.envelope())
                .build());
    }
}
