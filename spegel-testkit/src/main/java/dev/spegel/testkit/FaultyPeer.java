package dev.spegel.testkit;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.TagReference;
import dev.spegel.routing.Peer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The registry of another node, on loopback, that misbehaves on demand. It serves the content that it is given as a registry
 * should ({@code GET} and {@code HEAD}, one byte range of a blob, manifests by digest and by tag), except where a {@link Fault}
 * says otherwise: first those of {@link #enqueue}, one a request, then that of {@link #behave}.
 *
 * <p>Safe for use by many threads. It starts threads of its own, one for each connection and one that accepts; all end with
 * {@link #close}. It writes raw bytes to a socket, since a proper HTTP server won't lie.
 *
 * <p>With TLS a body that is cut ends without a {@code close_notify} (RFC 8446, section 6.1), as that of a process that dies does.
 */
public final class FaultyPeer implements AutoCloseable {
    /** Connections served at once; more wait in the system's backlog. Enough for the most parallel test. */
    private static final int MAX_CONNECTIONS = 64;

    /** How long {@link #close} waits for its threads, far more than they need. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition requestSeen = lock.newCondition();
    private final Map<Digest, PeerContent> content = new HashMap<>();
    private final Map<TagReference, Digest> tags = new HashMap<>();
    private final Deque<Fault> queue = new ArrayDeque<>();
    private final List<SeenRequest> requests = new ArrayList<>();
    private final Set<Socket> connections = new HashSet<>();
    private final Set<Thread> threads = new HashSet<>();
    private final Semaphore slots = new Semaphore(MAX_CONNECTIONS);
    private final AtomicInteger threadNumber = new AtomicInteger();
    private final InetAddress address;
    private final int port;
    private final Optional<SSLContext> tls;
    private Fault usual = new Fault.None();
    private @Nullable ServerSocket listener;
    private @Nullable Thread acceptor;
    /** Bound but not listening: keeps the port, and has connections to it refused. */
    private @Nullable Socket placeholder;

    private boolean closed;

    private FaultyPeer(ServerSocket listener, Optional<SSLContext> tls) {
        this.listener = listener;
        this.tls = tls;
        this.address = listener.getInetAddress();
        this.port = listener.getLocalPort();
    }

    /** Starts one on a free port of IPv4 loopback. */
    public static FaultyPeer start() throws IOException {
        return start(Optional.empty());
    }

    /** Like {@link #start()}, but it speaks TLS only, with the certificate that the context holds. It asks clients for none. */
    public static FaultyPeer start(SSLContext tls) throws IOException {
        return start(Optional.of(tls));
    }

    private static FaultyPeer start(Optional<SSLContext> tls) throws IOException {
        ServerSocket listener = listenOn(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0);
        FaultyPeer peer = new FaultyPeer(listener, tls);
        peer.acceptor = peer.startThread("accept", () -> peer.accept(listener));
        return peer;
    }

    private static ServerSocket listenOn(InetAddress address, int port) throws IOException {
        ServerSocket listener = new ServerSocket();
        try {
            listener.setReuseAddress(true);
            listener.bind(new InetSocketAddress(address, port));
            return listener;
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    /** This server as a router would give it. */
    public Peer peer() {
        return new Peer(hostAndPort(), List.of(address), port, Optional.empty());
    }

    /** Returns {@code 127.0.0.1:port}. */
    public String hostAndPort() {
        return address.getHostAddress() + ":" + port;
    }

    /** Serves this as a blob from now on. The array isn't copied: don't change it. */
    public Digest addBlob(byte[] bytes) {
        return add(MediaType.OCTET_STREAM, bytes);
    }

    /**
     * Serves this from now on: under {@code /manifests/} if the media type is that of a manifest or an index, otherwise under
     * {@code /blobs/}. The array isn't copied: don't change it.
     */
    public Digest add(MediaType mediaType, byte[] bytes) {
        Digest digest = Digest.ofSha256(bytes);
        addAs(digest, mediaType, bytes);
        return digest;
    }

    /** Like {@link #add}, under a digest that needn't be that of the bytes. */
    public void addAs(Digest digest, MediaType mediaType, byte[] bytes) {
        lock.lock();
        try {
            content.put(digest, new PeerContent(digest, mediaType, bytes));
        } finally {
            lock.unlock();
        }
    }

    /** Serves the manifest with this digest under this tag from now on. */
    public void tag(TagReference tag, Digest digest) {
        lock.lock();
        try {
            tags.put(requireNonNull(tag, "tag"), requireNonNull(digest, "digest"));
        } finally {
            lock.unlock();
        }
    }

    /** Has this content no longer. Tags that name it are left dangling, and answered with 404. */
    public void remove(Digest digest) {
        lock.lock();
        try {
            content.remove(digest);
        } finally {
            lock.unlock();
        }
    }

    /** Has this tag no longer. */
    public void removeTag(TagReference tag) {
        lock.lock();
        try {
            tags.remove(tag);
        } finally {
            lock.unlock();
        }
    }

    /** What to do with requests for which nothing is queued. At first {@link Fault.None}. */
    public void behave(Fault fault) {
        lock.lock();
        try {
            usual = requireNonNull(fault, "fault");
        } finally {
            lock.unlock();
        }
    }

    /** What to do with the next requests, one each, in the order in which they arrive. */
    public void enqueue(Fault... faults) {
        lock.lock();
        try {
            queue.addAll(List.of(faults));
        } finally {
            lock.unlock();
        }
    }

    /** Resets all connections, and has new ones refused until {@link #listen}. The port stays reserved. */
    public void refuse() throws IOException {
        Thread accepting;
        lock.lock();
        try {
            if (closed || listener == null) {
                return;
            }
            listener.close();
            listener = null;
            connections.forEach(FaultyPeer::reset);
            accepting = requireNonNull(acceptor, "a listener has its thread");
        } finally {
            lock.unlock();
        }
        join(List.of(accepting)); // as long as it is inside accept() the system goes on listening
        lock.lock();
        try {
            if (closed) {
                return;
            }
            Socket reserved = new Socket();
            placeholder = reserved;
            reserved.setReuseAddress(true);
            reserved.bind(new InetSocketAddress(address, port));
        } finally {
            lock.unlock();
        }
    }

    /** Takes connections again after {@link #refuse}, on the same port. For the thread that called that. */
    public void listen() throws IOException {
        lock.lock();
        try {
            if (closed || listener != null) {
                return;
            }
            if (placeholder != null) {
                placeholder.close();
                placeholder = null;
            }
            ServerSocket fresh = listenOn(address, port);
            listener = fresh;
            acceptor = startThread("accept", () -> accept(fresh));
        } finally {
            lock.unlock();
        }
    }

    /** All requests read so far, in order. */
    public List<SeenRequest> requests() {
        lock.lock();
        try {
            return List.copyOf(requests);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until this many requests have been read in all.
     *
     * @throws AssertionError if they haven't within the limit
     */
    public void awaitRequests(int count, Duration limit) throws InterruptedException {
        long nanosLeft = limit.toNanos();
        lock.lockInterruptibly();
        try {
            while (requests.size() < count) {
                if (nanosLeft <= 0) {
                    throw new AssertionError("expected %d requests within %s, saw %d: %s"
                            .formatted(count, limit, requests.size(), requests));
                }
                nanosLeft = requestSeen.awaitNanos(nanosLeft);
            }
        } finally {
            lock.unlock();
        }
    }

    /** How many connections are open now. */
    public int openConnections() {
        lock.lock();
        try {
            return connections.size();
        } finally {
            lock.unlock();
        }
    }

    /** Resets all connections and waits for the threads to end. Closing twice is harmless. */
    @Override
    public void close() {
        List<Thread> running;
        lock.lock();
        try {
            closed = true;
            if (listener != null) {
                listener.close();
                listener = null;
            }
            if (placeholder != null) {
                placeholder.close();
                placeholder = null;
            }
            connections.forEach(FaultyPeer::reset);
            threads.forEach(Thread::interrupt);
            running = List.copyOf(threads);
        } catch (IOException e) {
            throw new UncheckedIOException("close the sockets of peer " + hostAndPort(), e);
        } finally {
            lock.unlock();
        }
        join(running);
    }

    private static void join(Collection<Thread> running) {
        long end = System.nanoTime() + CLOSE_LIMIT.toNanos();
        try {
            for (Thread thread : running) {
                TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, end - System.nanoTime()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void accept(ServerSocket from) {
        try {
            while (true) {
                slots.acquire();
                Socket connection = null;
                try {
                    connection = from.accept();
                } finally {
                    if (connection == null) {
                        slots.release();
                    }
                }
                serve(connection);
            }
        } catch (IOException e) {
            // The listener was closed, by refuse() or close(): the only way for this thread to end.
            if (!from.isClosed()) {
                throw new UncheckedIOException("accept on " + hostAndPort(), e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // close()
        }
    }

    private void serve(Socket connection) throws IOException {
        lock.lock();
        try {
            if (closed || listener == null || isNextCloseAfterAccept()) {
                connection.close();
                slots.release();
                return;
            }
            connections.add(connection);
            startThread("connection", () -> converse(connection));
        } finally {
            lock.unlock();
        }
    }

    private boolean isNextCloseAfterAccept() {
        boolean found = (queue.isEmpty() ? usual : queue.peek()) instanceof Fault.CloseAfterAccept;
        if (found) {
            queue.poll();
        }
        return found;
    }

    private void converse(Socket connection) {
        try (connection) {
            connection.setTcpNoDelay(true);
            Socket speaking = tls.isPresent() ? secure(connection, tls.get()) : connection;
            BufferedInputStream in = new BufferedInputStream(speaking.getInputStream());
            boolean more = true;
            while (more) {
                Optional<SeenRequest> request = PeerProtocol.read(in);
                if (request.isEmpty()) {
                    return;
                }
                Fault fault = note(request.get());
                more = PeerProtocol.answer(speaking, in, request.get(), find(request.get()), fault);
            }
        } catch (IOException e) {
            // The client went away, or close() or refuse() reset the connection; a test sees that at its own end.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // close()
        } finally {
            lock.lock();
            try {
                connections.remove(connection);
            } finally {
                lock.unlock();
            }
            slots.release();
        }
    }

    /** Shakes hands with the first read. It isn't closed, so that the client hears no farewell: only the connection under it is. */
    private static Socket secure(Socket connection, SSLContext context) throws IOException {
        return context.getSocketFactory().createSocket(connection, null, false);
    }

    private Fault note(SeenRequest request) {
        lock.lock();
        try {
            requests.add(request);
            requestSeen.signalAll();
            return queue.isEmpty() ? usual : queue.remove();
        } finally {
            lock.unlock();
        }
    }

    private Optional<PeerContent> find(SeenRequest request) {
        lock.lock();
        try {
            return PeerContent.find(request.target(), content, tags);
        } finally {
            lock.unlock();
        }
    }

    private static void reset(Socket connection) {
        try {
            connection.setSoLinger(true, 0);
            connection.close();
        } catch (IOException e) {
            // Closed by its own thread just now: there is nothing left to reset.
        }
    }

    private Thread startThread(String what, Runnable body) {
        Thread thread = new Thread(
                () -> {
                    try {
                        body.run();
                    } finally {
                        lock.lock();
                        try {
                            threads.remove(Thread.currentThread());
                        } finally {
                            lock.unlock();
                        }
                    }
                },
                "faulty-peer-%d-%s-%d".formatted(port, what, threadNumber.incrementAndGet()));
        thread.setDaemon(true);
        lock.lock();
        try {
            threads.add(thread);
        } finally {
            lock.unlock();
        }
        thread.start();
        return thread;
    }
}
