package dev.spegel.registry;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.spegel.oci.MediaType;
import dev.spegel.routing.BasicCredentials;
import dev.spegel.routing.Peer;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/**
 * A client for HTTP/1.1 (RFC 9112) that does what the mirror needs and no more: {@code GET} and {@code HEAD} without a body, answers
 * that say their length. Bytes go from the socket straight into the caller's large direct buffer, which is what makes a relay fast.
 */
final class HttpPeerClient implements PeerClient {
    private static final String ACCEPT = String.join(
            ", ",
            MediaType.OCI_INDEX.value(),
            MediaType.OCI_MANIFEST.value(),
            MediaType.DOCKER_MANIFEST_LIST.value(),
            MediaType.DOCKER_MANIFEST.value(),
            "*/*");

    private final Duration connectLimit;
    private final String authorization;
    private final ScheduledThreadPoolExecutor timer;
    private final IdleConnections idle = new IdleConnections(System::nanoTime);

    HttpPeerClient(MirrorConfig config, Optional<BasicCredentials> credentials) {
        connectLimit = config.connectLimit();
        authorization = credentials
                .map(shown -> "Authorization: " + shown.headerValue() + "\r\n")
                .orElse("");
        timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "peer-client-timer");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public Answer send(Peer peer, Question question, Duration limit) throws IOException {
        long endNanos = System.nanoTime() + limit.toNanos();
        IOException failure = null;
        for (InetSocketAddress address : peer.registryAddresses()) {
            try {
                return send(address, question, endNanos);
            } catch (IOException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                if (failure != null) {
                    e.addSuppressed(failure);
                }
                failure = e;
            }
        }
        throw failure == null ? new IOException("the peer has no address") : failure;
    }

    @Override
    public void close() {
        timer.shutdownNow();
        idle.close();
    }

    private Answer send(InetSocketAddress address, Question question, long endNanos) throws IOException {
        Optional<PeerConnection> kept = idle.take(address);
        if (kept.isPresent()) {
            try {
                return exchange(kept.get(), question, endNanos);
            } catch (SocketTimeoutException e) {
                throw e;
            } catch (IOException e) {
                // The peer closed it while the question was under way: RFC 9112, section 9.3.1, lets us ask again.
                if (Thread.currentThread().isInterrupted()) {
                    throw e;
                }
            }
        }
        Duration left = left(endNanos);
        return exchange(
                PeerConnection.open(address, left.compareTo(connectLimit) < 0 ? left : connectLimit, timer),
                question,
                endNanos);
    }

    private Answer exchange(PeerConnection connection, Question question, long endNanos) throws IOException {
        try {
            connection.write(encode(question, connection.address()), left(endNanos));
            return HttpAnswer.read(connection, question.head(), endNanos, idle);
        } catch (IOException e) {
            connection.close();
            throw e;
        }
    }

    private ByteBuffer encode(Question question, InetSocketAddress address) {
        String head = (question.head() ? "HEAD " : "GET ") + question.pathAndQuery() + " HTTP/1.1\r\n"
                + "Host: " + hostAndPort(address) + "\r\n"
                + "User-Agent: spegel-jvm\r\n"
                + "Accept: " + ACCEPT + "\r\n"
                + RegistryHandler.MIRRORED + ": true\r\n"
                + RequestId.HEADER + ": " + question.id() + "\r\n"
                + question.range().map(range -> "Range: " + range + "\r\n").orElse("")
                + authorization
                + "\r\n";
        return ByteBuffer.wrap(head.getBytes(US_ASCII));
    }

    /** In the form of a URL, so an IPv6 address has brackets: RFC 3986, section 3.2.2. Without its zone, which is ours alone. */
    static String hostAndPort(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress().replaceFirst("%.*", "");
        return (address.getAddress() instanceof Inet6Address ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /** At least a millisecond, so that a limit that has just passed shows as a timeout of the next call. */
    static Duration left(long endNanos) {
        return Duration.ofNanos(Math.max(1_000_000, endNanos - System.nanoTime()));
    }
}
