package dev.spegel.agent.cleanup;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until all nodes have been cleaned up: until every address of a name has answered {@code GET /readyz} with 200, in several
 * rounds one after the other. More than one because pods that haven't been started yet aren't in DNS either.
 */
public final class CleanupWait {
    private static final Logger LOG = LoggerFactory.getLogger(CleanupWait.class);

    /** As of the Go implementation. A node that answers does so in milliseconds. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(1);

    /** As of the Go implementation. */
    private static final int AT_A_TIME = 10;

    private final String host;
    private final int port;
    private final int rounds;
    private final Duration period;
    private final Lookup lookup;

    /**
     * @param rounds how many must succeed one after the other
     * @param period from the start of one round to the start of the next; a round that takes longer is followed at once
     */
    public CleanupWait(String host, int port, int rounds, Duration period) {
        this(host, port, rounds, period, name -> List.of(InetAddress.getAllByName(name)));
    }

    CleanupWait(String host, int port, int rounds, Duration period, Lookup lookup) {
        if (port < 1 || rounds < 1 || period.isNegative() || period.isZero()) {
            throw new IllegalArgumentException(
                    "port, rounds and period must be positive, got %d, %d, %s".formatted(port, rounds, period));
        }
        this.host = requireNonNull(host, "host");
        this.port = port;
        this.rounds = rounds;
        this.period = period;
        this.lookup = requireNonNull(lookup, "lookup");
    }

    /** Returns when they have; failures only mean another round. There is no limit: whoever waits sets it by interrupting. */
    public void await() throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME, task -> {
            Thread thread = new Thread(task, "cleanup-wait");
            thread.setDaemon(true);
            return thread;
        });
        try {
            HttpClient client = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(ANSWER_LIMIT)
                    .proxy(HttpClient.Builder.NO_PROXY)
                    .build();
            int succeeded = 0;
            while (true) {
                long start = System.nanoTime();
                succeeded = allReady(client, threads) ? succeeded + 1 : 0;
                if (succeeded == rounds) {
                    LOG.info("All nodes are cleaned up");
                    return;
                }
                TimeUnit.NANOSECONDS.sleep(period.toNanos() - (System.nanoTime() - start));
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private boolean allReady(HttpClient client, ExecutorService threads) throws InterruptedException {
        List<InetAddress> addresses;
        try {
            addresses = lookup.addresses(host);
        } catch (UnknownHostException e) {
            LOG.info("No address is known for {} yet", host);
            return false;
        }
        List<Future<Boolean>> answers = new ArrayList<>();
        addresses.forEach(address -> answers.add(threads.submit(() -> isReady(client, address))));
        int ready = 0;
        for (Iterator<Future<Boolean>> each = answers.iterator(); each.hasNext(); ) {
            try {
                ready += each.next().get() ? 1 : 0;
            } catch (ExecutionException e) {
                throw new IllegalStateException("ask a node", e.getCause());
            }
        }
        LOG.info("{} of {} nodes are cleaned up", ready, addresses.size());
        return !addresses.isEmpty() && ready == addresses.size();
    }

    private boolean isReady(HttpClient client, InetAddress address) throws InterruptedException {
        String literal = address.getHostAddress();
        URI uri = URI.create("http://" + (literal.contains(":") ? "[" + literal.replace("%", "%25") + "]" : literal)
                + ":" + port + CleanupEndpoint.PATH);
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(uri).timeout(ANSWER_LIMIT).build();
            int status =
                    client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            LOG.debug("{} answers {}", uri, status);
            return status == 200;
        } catch (IOException e) {
            LOG.debug("{} doesn't answer: {}", uri, e.toString());
            return false;
        }
    }

    /** Finds the addresses of a name. */
    @FunctionalInterface
    interface Lookup {
        List<InetAddress> addresses(String host) throws UnknownHostException;
    }
}
