package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.host.ConnectedPeer;
import dev.spegel.libp2p.host.Host;
import dev.spegel.libp2p.host.HostListener;
import dev.spegel.libp2p.host.Stream;
import dev.spegel.libp2p.host.StreamHandler;
import dev.spegel.libp2p.host.StreamLostException;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Hosts in one process, without sockets, on one event loop. Streams have windows and end as real ones do. */
final class MemoryHosts implements AutoCloseable {
    final ScheduledThreadPoolExecutor loop = new ScheduledThreadPoolExecutor(1);
    private final Map<PeerId, MemoryHost> hosts = new HashMap<>();
    private final Random random;
    int windowBytes = 256 * 1024;

    MemoryHosts(long seed) {
        random = new Random(seed);
        loop.setRemoveOnCancelPolicy(true);
    }

    MemoryHost add() {
        MemoryHost host = new MemoryHost(Peers.random(random), hosts.size() + 1);
        hosts.put(host.id, host);
        return host;
    }

    /** Does something on the event loop, and waits for it. */
    <T> T onLoop(java.util.concurrent.Callable<T> call) throws Exception {
        return loop.submit(call).get(10, TimeUnit.SECONDS);
    }

    void onLoop(Runnable action) throws Exception {
        loop.submit(action).get(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        loop.shutdownNow();
    }

    final class MemoryHost implements Host {
        final PeerId id;
        List<Multiaddr> addresses;
        /** Dials of it come to nothing: they fail, or never end. */
        volatile boolean refuses;

        volatile boolean hangs;
        final List<PeerId> protectedPeers = new CopyOnWriteArrayList<>();
        final List<MemoryStream> outbound = new CopyOnWriteArrayList<>();
        final List<MemoryStream> inbound = new CopyOnWriteArrayList<>();
        private final Map<String, Function<Stream, StreamHandler>> handlers = new LinkedHashMap<>();
        private final List<HostListener> listeners = new ArrayList<>();
        private final Map<PeerId, MemoryHost> connections = new HashMap<>();

        private MemoryHost(PeerId id, int number) {
            this.id = id;
            addresses = Peers.address(number);
        }

        @Override
        public PeerId peerId() {
            return id;
        }

        @Override
        public long strangers() {
            return 0;
        }

        @Override
        public ScheduledExecutorService executor() {
            return loop;
        }

        @Override
        public void handle(String protocol, Function<Stream, StreamHandler> handler) {
            handlers.put(protocol, handler);
        }

        @Override
        public void addListener(HostListener listener) {
            listeners.add(listener);
        }

        @Override
        public CompletableFuture<Void> start() {
            return CompletableFuture.runAsync(() -> listeners.forEach(each -> each.listening(addresses)), loop);
        }

        /** Changes where it listens. */
        CompletableFuture<Void> listenOn(List<Multiaddr> changed) {
            addresses = changed;
            return start();
        }

        @Override
        public List<Multiaddr> addresses() {
            return addresses;
        }

        @Override
        public List<ConnectedPeer> peers() {
            return connections.values().stream().map(MemoryHost::described).toList();
        }

        private ConnectedPeer described() {
            Multiaddr remote = Multiaddr.parse("/ip4/127.0.0.1/tcp/1");
            return new ConnectedPeer(id, remote, addresses, List.copyOf(handlers.keySet()), "memory");
        }

        @Override
        public CompletableFuture<ConnectedPeer> connect(PeerId peer, List<Multiaddr> addresses) {
            CompletableFuture<ConnectedPeer> future = new CompletableFuture<>();
            loop.execute(() -> reach(
                    peer, addresses, future, () -> future.complete(host(peer).described())));
            return future;
        }

        @Override
        public CompletableFuture<ConnectedPeer> connect(Multiaddr address) {
            throw new UnsupportedOperationException("by ID only");
        }

        @Override
        public CompletableFuture<Stream> openStream(
                PeerId peer, List<Multiaddr> addresses, String protocol, StreamHandler handler) {
            CompletableFuture<Stream> future = new CompletableFuture<>();
            loop.execute(() -> reach(peer, addresses, future, () -> open(host(peer), protocol, handler, future)));
            return future;
        }

        private void reach(PeerId peer, List<Multiaddr> addresses, CompletableFuture<?> future, Runnable then) {
            MemoryHost other = hosts.get(peer);
            if (other == null || other.refuses || (addresses.isEmpty() && !connections.containsKey(peer))) {
                future.completeExceptionally(new IOException("dial " + peer + ": refused"));
            } else if (!other.hangs) {
                join(other);
                then.run();
            }
        }

        private void join(MemoryHost other) {
            if (!connections.containsKey(other.id)) {
                connections.put(other.id, other);
                other.connections.put(id, this);
                listeners.forEach(each -> each.identified(other.described()));
                other.listeners.forEach(each -> each.identified(described()));
            }
        }

        private void open(MemoryHost to, String protocol, StreamHandler handler, CompletableFuture<Stream> future) {
            MemoryStream here = new MemoryStream(this, to, protocol, windowBytes);
            MemoryStream there = new MemoryStream(to, this, protocol, windowBytes);
            here.other = there;
            there.other = here;
            here.handler = handler;
            outbound.add(here);
            Function<Stream, StreamHandler> served = to.handlers.get(protocol);
            if (served == null) {
                future.complete(here);
                there.reset(0);
                return;
            }
            to.inbound.add(there);
            there.handler = served.apply(there);
            future.complete(here);
        }

        /** Ends the connection with another host. */
        void disconnect(MemoryHost other) {
            if (connections.remove(other.id) != null) {
                other.connections.remove(id);
                streamsWith(other).forEach(MemoryStream::lose);
                other.streamsWith(this).forEach(MemoryStream::lose);
                listeners.forEach(each -> each.disconnected(other.id));
                other.listeners.forEach(each -> each.disconnected(id));
            }
        }

        private List<MemoryStream> streamsWith(MemoryHost other) {
            List<MemoryStream> with = new ArrayList<>(outbound);
            with.addAll(inbound);
            with.removeIf(stream -> stream.remote != other);
            return with;
        }

        /** Dies, so that dials are refused from now on. */
        void die() {
            refuses = true;
            List.copyOf(connections.values()).forEach(this::disconnect);
        }

        @Override
        public CompletableFuture<Duration> ping(PeerId peer) {
            return CompletableFuture.completedFuture(Duration.ZERO);
        }

        @Override
        public void protect(List<PeerId> peers) {
            protectedPeers.clear();
            protectedPeers.addAll(peers);
        }

        @Override
        public void close() {
            loop.execute(this::die);
        }
    }

    private MemoryHost host(PeerId id) {
        MemoryHost host = hosts.get(id);
        if (host == null) {
            throw new AssertionError("no host " + id);
        }
        return host;
    }

    /** One end of a stream. */
    final class MemoryStream implements Stream {
        private final MemoryHost local;
        private final MemoryHost remote;
        private final String protocol;
        private @Nullable MemoryStream other;
        private @Nullable StreamHandler handler;
        private int room;
        private boolean wantsRoom;
        private boolean writeClosed;
        private boolean readClosed;
        private volatile boolean open = true;
        /** The code of the reset that this end has sent; -1 if it hasn't. */
        volatile long resetCode = -1;

        private MemoryStream(MemoryHost local, MemoryHost remote, String protocol, int room) {
            this.local = local;
            this.remote = remote;
            this.protocol = protocol;
            this.room = room;
        }

        @Override
        public PeerId peer() {
            return remote.id;
        }

        PeerId local() {
            return local.id;
        }

        @Override
        public Multiaddr remote() {
            return Multiaddr.parse("/ip4/127.0.0.1/tcp/1");
        }

        @Override
        public String protocol() {
            return protocol;
        }

        @Override
        public ScheduledExecutorService executor() {
            return loop;
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        private MemoryStream other() {
            if (other == null) {
                throw new AssertionError("a stream has two ends");
            }
            return other;
        }

        @Override
        public int write(ByteBuffer bytes) {
            if (writeClosed) {
                throw new IllegalStateException("this side is closed");
            }
            if (!open) {
                return 0;
            }
            int count = Math.min(room, bytes.remaining());
            wantsRoom = count < bytes.remaining();
            room -= count;
            byte[] copy = new byte[count];
            bytes.get(copy);
            if (count > 0) {
                tell(to -> to.received(other(), ByteBuffer.wrap(copy).asReadOnlyBuffer()));
            }
            return count;
        }

        @Override
        public void closeWrite() {
            if (open && !writeClosed) {
                writeClosed = true;
                tell(to -> {
                    other().readClosed = true;
                    to.halfClosed(other());
                    other().endIfDone();
                });
                endIfDone();
            }
        }

        private void endIfDone() {
            if (open && writeClosed && readClosed) {
                open = false;
                StreamHandler ended = handler;
                if (ended != null) {
                    ended.closed(this, Optional.empty());
                }
            }
        }

        @Override
        public void consumed(int count) {
            loop.execute(() -> {
                MemoryStream sender = other();
                sender.room += count;
                if (sender.wantsRoom && sender.open && sender.handler != null) {
                    sender.wantsRoom = false;
                    sender.handler.writable(sender);
                }
            });
        }

        @Override
        public void reset(long code) {
            if (open) {
                open = false;
                resetCode = code;
                loop.execute(other()::lose);
            }
        }

        private void lose() {
            if (open) {
                open = false;
                StreamHandler lost = handler;
                if (lost != null) {
                    lost.closed(this, Optional.of(new StreamLostException("reset by " + remote.id)));
                }
            }
        }

        private interface Call {
            void on(StreamHandler handler);
        }

        private void tell(Call call) {
            loop.execute(() -> {
                StreamHandler to = other().handler;
                if (other().open && to != null) {
                    call.on(to);
                }
            });
        }
    }
}
