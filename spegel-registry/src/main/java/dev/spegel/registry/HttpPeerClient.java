package dev.spegel.registry;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.spegel.oci.MediaType;
import dev.spegel.routing.BasicCredentials;
import dev.spegel.routing.Credentials;
import dev.spegel.routing.Peer;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.http.HttpStatus;

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
    private final Optional<Credentials> credentials;
    private final Optional<Supplier<SSLContext>> tls;
    private final Warnings warnings = new Warnings(System::nanoTime);
    private final ScheduledThreadPoolExecutor timer;
    private final IdleConnections idle = new IdleConnections(System::nanoTime);

    /** @param tls what connections are made with, asked for each; empty for plain ones */
    HttpPeerClient(MirrorConfig config, Optional<Credentials> credentials, Optional<Supplier<SSLContext>> tls) {
        connectLimit = config.connectLimit();
        this.credentials = credentials;
        this.tls = tls;
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

    /** Shows a peer that refuses this node's credentials those before them: it may not have heard of the new ones yet. */
    private Answer send(InetSocketAddress address, Question question, long endNanos) throws IOException {
        if (credentials.isEmpty()) {
            return send(address, question, "", endNanos);
        }
        List<BasicCredentials> pairs = credentials.get().accepted();
        Answer answer = send(address, question, authorization(pairs.get(0)), endNanos);
        for (BasicCredentials older : pairs.subList(1, pairs.size())) {
            if (answer.status() != HttpStatus.UNAUTHORIZED_401) {
                break;
            }
            answer.close();
            answer = send(address, question, authorization(older), endNanos);
        }
        return answer;
    }

    private static String authorization(BasicCredentials shown) {
        return "Authorization: " + shown.headerValue() + "\r\n";
    }

    private Answer send(InetSocketAddress address, Question question, String authorization, long endNanos)
            throws IOException {
        Optional<PeerConnection> kept = idle.take(address);
        if (kept.isPresent()) {
            try {
                return exchange(kept.get(), question, authorization, endNanos);
            } catch (SocketTimeoutException e) {
                throw e;
            } catch (IOException e) {
                // The peer closed it while the question was under way: RFC 9112, section 9.3.1, lets us ask again.
                if (Thread.currentThread().isInterrupted()) {
                    throw e;
                }
            }
        }
        return exchange(connect(address, endNanos), question, authorization, endNanos);
    }

    private PeerConnection connect(InetSocketAddress address, long endNanos) throws IOException {
        Duration left = left(endNanos);
        PeerConnection connection =
                PeerConnection.open(address, left.compareTo(connectLimit) < 0 ? left : connectLimit, timer);
        if (tls.isPresent()) {
            try {
                connection.secure(tls.get().get(), left(endNanos));
            } catch (IOException e) {
                connection.close();
                warnIfRefused(address, e);
                throw e;
            }
        }
        return connection;
    }

    private Answer exchange(PeerConnection connection, Question question, String authorization, long endNanos)
            throws IOException {
        try {
            connection.write(encode(question, authorization, connection.address()), left(endNanos));
            Answer answer = HttpAnswer.read(connection, question.head(), endNanos, idle);
            if (answer.status() == SecureRequests.TLS_WANTED) {
                warnings.warn(
                        connection.address().getAddress(),
                        "Peer {} wants TLS, which this node doesn't speak",
                        hostAndPort(connection.address()));
            }
            return answer;
        } catch (IOException e) {
            connection.close();
            warnIfRefused(connection.address(), e);
            throw e;
        }
    }

    private void warnIfRefused(InetSocketAddress address, IOException reason) {
        if (reason instanceof TlsRefusedException) {
            warnings.warn(
                    address.getAddress(),
                    "Can't ask peer {}: {}",
                    hostAndPort(address),
                    String.valueOf(reason.getMessage()));
        }
    }

    private static ByteBuffer encode(Question question, String authorization, InetSocketAddress address) {
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

    /** In the form of a URL, so an IPv6 address has brackets: RFC 3986, section 3.2.2. */
    static String hostAndPort(InetSocketAddress address) {
        String host = host(address);
        return (address.getAddress() instanceof Inet6Address ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /** The address alone, without its zone, which is ours alone. */
    static String host(InetSocketAddress address) {
        return address.getAddress().getHostAddress().replaceFirst("%.*", "");
    }

    /** At least a millisecond, so that a limit that has just passed shows as a timeout of the next call. */
    static Duration left(long endNanos) {
        return Duration.ofNanos(Math.max(1_000_000, endNanos - System.nanoTime()));
    }
}
