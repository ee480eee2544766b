package dev.spegel.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.libp2p.identity.KeyPair;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class HostThreadsTest {
    static java.util.stream.Stream<Sockets> sockets() {
        return SocketKinds.available();
    }

    @AfterAll
    static void nothingLeaks() {
        LeakWatch.check();
    }

    @ParameterizedTest
    @MethodSource("sockets")
    void whatTheLastTasksConnectIsClosedToo(Sockets sockets) throws Exception {
        HostThreads threads = HostThreads.create("test", 1, 1, sockets);
        EventLoop loop = threads.eventLoops().next();
        TcpTransport transport = new TcpTransport(KeyPair.generate(), HostConfig.DEFAULTS, threads, loop);
        CountDownLatch closing = new CountDownLatch(1);
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            InetSocketAddress address = (InetSocketAddress) server.getLocalSocketAddress();
            loop.execute(() -> awaitQuietly(closing));
            loop.execute(() -> {
                var unused = transport.dial(address, Optional.empty(), TransportNode.LIMIT);
            });
            Thread closer = new Thread(threads::close, "closer");
            closer.start();
            await().until(loop::isShuttingDown);
            closing.countDown();
            closer.join();

            server.setSoTimeout((int) TransportNode.LIMIT.toMillis());
            try (Socket accepted = server.accept()) {
                accepted.setSoTimeout((int) TransportNode.LIMIT.toMillis());
                assertThat(isAtItsEnd(accepted)).isTrue();
            }
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Fails if the peer leaves the connection open. */
    private static boolean isAtItsEnd(Socket socket) throws IOException {
        while (socket.getInputStream().read() >= 0) {
            // what it still had to say
        }
        return true;
    }
}
