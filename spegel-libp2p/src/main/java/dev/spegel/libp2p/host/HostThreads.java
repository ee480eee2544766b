package dev.spegel.libp2p.host;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of one or several hosts: event loops, and workers for the arithmetic of handshakes, which takes milliseconds that
 * no event loop has to spare. Two more look up names.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what is closed here is closed however that ends
public final class HostThreads implements AutoCloseable {
    /**
     * What waits for a worker; more is refused. Each of a host's connections in the making waits with one step at most, 128
     * accepted and 160 dialled, and one pool may serve thirty hosts, all of which may start at once.
     */
    private static final int MAX_WAITING = 8192;

    /** A name server that doesn't answer holds one of them; more would only wait for the same server. */
    private static final int MAX_BLOCKED = 2;

    private final Sockets sockets;
    private final EventLoopGroup eventLoops;
    private final ThreadPoolExecutor workers;
    private final ThreadPoolExecutor blocking;
    /** Those that are open, by their event loop; all that belongs to one is done there. */
    private final Map<EventLoop, Set<Channel>> channels = new ConcurrentHashMap<>();

    private HostThreads(
            Sockets sockets, EventLoopGroup eventLoops, ThreadPoolExecutor workers, ThreadPoolExecutor blocking) {
        this.sockets = sockets;
        this.eventLoops = eventLoops;
        this.workers = workers;
        this.blocking = blocking;
    }

    /**
     * Starts no thread yet; they come when they are needed. All are daemons. Sockets are those of Netty's epoll transport if it
     * is on the class path and works here, otherwise the JDK's.
     *
     * @param name what their names begin with
     * @param eventLoops at least 1; a host uses one
     * @param workers at least 1
     */
    public static HostThreads create(String name, int eventLoops, int workers) {
        return create(name, eventLoops, workers, Sockets.best());
    }

    static HostThreads create(String name, int eventLoops, int workers, Sockets sockets) {
        if (eventLoops < 1 || workers < 1) {
            throw new IllegalArgumentException(
                    "there is at least one event loop and one worker, got %d and %d".formatted(eventLoops, workers));
        }
        return new HostThreads(
                sockets,
                new MultiThreadIoEventLoopGroup(
                        eventLoops, new DefaultThreadFactory(name + "-loop", true), sockets.ioHandlers()),
                pool(workers, name + "-handshake"),
                pool(MAX_BLOCKED, name + "-blocking"));
    }

    private static ThreadPoolExecutor pool(int threads, String name) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_WAITING),
                new DefaultThreadFactory(name, true));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** What the event loops drive. */
    Sockets sockets() {
        return sockets;
    }

    EventLoopGroup eventLoops() {
        return eventLoops;
    }

    /**
     * Sees to it that the channel is closed when its event loop ends: a loop closes what it has when it's told to end, but not what its
     * last tasks make. On that loop only.
     */
    void watch(Channel channel) {
        EventLoop loop = channel.eventLoop();
        Set<Channel> open = channels.computeIfAbsent(loop, first -> {
            ((SingleThreadEventExecutor) first).addShutdownHook(() -> closeAll(first));
            return new HashSet<>();
        });
        open.add(channel);
        channel.closeFuture().addListener(outcome -> open.remove(channel));
    }

    private void closeAll(EventLoop loop) {
        Set<Channel> open = channels.remove(loop); // what comes after this gets a hook of its own
        if (open != null) {
            List.copyOf(open).forEach(Channel::close);
        }
    }

    /** Rejects when too much waits. */
    Executor workers() {
        return workers;
    }

    /** May be blocked: by look-ups of names, mostly, which must not hold up handshakes. Rejects when too much waits. */
    Executor blocking() {
        return blocking;
    }

    /** Ends the threads, and waits for that. Close the hosts first; not to be called on an event loop. */
    @Override
    public void close() {
        workers.shutdownNow();
        blocking.shutdownNow();
        boolean ended = eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
        if (!ended) {
            throw new IllegalStateException("an event loop is still busy after 5 s");
        }
    }
}
