package dev.spegel.agent.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between a client and a server, and stops passing answers on after some bytes until it is told to go on: so a test can act
 * in the middle of a transfer, however fast the machine is.
 */
final class PausingProxy implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicLong passed = new AtomicLong();
    private final CountDownLatch paused = new CountDownLatch(1);
    private final CountDownLatch resumed = new CountDownLatch(1);
    private final String host;
    private final int port;
    private final long pauseAfterBytes;

    /**
     * Starts to accept connections.
     *
     * @param server host and port
     * @param pauseAfterBytes of all connections together
     */
    PausingProxy(String server, long pauseAfterBytes) throws IOException {
        int colon = server.lastIndexOf(':');
        host = server.substring(0, colon);
        port = Integer.parseInt(server.substring(colon + 1));
        this.pauseAfterBytes = pauseAfterBytes;
        threads.execute(this::accept);
    }

    /** Where it listens: host and port. */
    String address() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    /** Waits until the bytes have passed; from now on nothing does. */
    void awaitPause(Duration limit) throws InterruptedException {
        assertThat(paused.await(limit.toMillis(), TimeUnit.MILLISECONDS))
                .as("%d bytes pass within %s; so far %d have", pauseAfterBytes, limit, passed.get())
                .isTrue();
    }

    /** Whether the bytes have passed. */
    boolean isPaused() {
        return paused.getCount() == 0;
    }

    /** Goes on, for good. */
    void resume() {
        resumed.countDown();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                sockets.add(client);
                Socket server = new Socket(host, port);
                sockets.add(server);
                threads.execute(() -> pump(client, server, false));
                threads.execute(() -> pump(server, client, true));
            }
        } catch (IOException e) {
            closeSockets(); // the listener was closed, or the server is gone: either way clients must see it
        }
    }

    private void pump(Socket from, Socket to, boolean answers) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                out.write(buffer, 0, count);
                if (answers && passed.addAndGet(count) >= pauseAfterBytes) {
                    paused.countDown();
                    resumed.await();
                }
            }
            to.shutdownOutput();
        } catch (IOException e) {
            close(from); // the other side learns of it, and says in its own words what it lacks
            close(to);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeSockets() {
        sockets.forEach(PausingProxy::close);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new AssertionError("closing a socket of this machine doesn't fail", e);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        closeSockets();
        threads.shutdownNow();
    }
}
