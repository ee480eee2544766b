package dev.spegel.routing;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One entry of a {@link StaticRouter}'s list: resolves its name, asks it, and remembers whether it last answered. */
final class StaticPeer {
    private static final Logger log = LoggerFactory.getLogger(StaticPeer.class);

    private final PeerAddress address;
    private final Optional<InetSocketAddress> self;
    private final Optional<Credentials> credentials;
    private final Duration limit;
    private final PeerHttp client;
    private final Executor executor;

    /** A name look-up that hangs is waited for by all, or each question would take one more thread. */
    private final AtomicReference<@Nullable CompletableFuture<List<InetAddress>>> resolving = new AtomicReference<>();

    private final AtomicBoolean refusedUs = new AtomicBoolean();
    private volatile Optional<Peer> reachable = Optional.empty();

    StaticPeer(PeerAddress address, StaticRouterConfig config, PeerHttp client, Executor executor) {
        this.address = requireNonNull(address, "address");
        this.self = config.self();
        this.credentials = config.credentials();
        this.limit = config.peerLimit();
        this.client = requireNonNull(client, "client");
        this.executor = requireNonNull(executor, "executor");
    }

    /** This peer, if it answered when it was last asked. */
    Optional<Peer> reachable() {
        return reachable;
    }

    /**
     * Asks, and gives this peer if the answer is yes. Ends within the limit, and never exceptionally: a peer that can't be asked
     * hasn't got it.
     */
    CompletableFuture<Optional<Peer>> ask(PeerQuestion question) {
        AtomicBoolean givenUp = new AtomicBoolean(); // steps still under way see this and take no further one
        return resolve()
                .thenCompose(addresses -> addresses.isEmpty()
                        ? CompletableFuture.completedFuture(Optional.<Peer>empty())
                        : tryFrom(0, addresses, question, givenUp))
                .orTimeout(limit.toNanos(), TimeUnit.NANOSECONDS)
                .exceptionally(failure -> {
                    givenUp.set(true);
                    reachable = Optional.empty();
                    log.debug("Peer {} doesn't answer: {}", address, reasonOf(failure));
                    return Optional.empty();
                });
    }

    private CompletableFuture<List<InetAddress>> resolve() {
        CompletableFuture<List<InetAddress>> fresh = new CompletableFuture<>();
        CompletableFuture<List<InetAddress>> running = resolving.compareAndExchange(null, fresh);
        if (running != null) {
            return running;
        }
        try {
            executor.execute(() -> {
                try {
                    complete(fresh, addressesToAsk());
                } catch (IOException | RuntimeException e) {
                    fail(fresh, e);
                }
            });
        } catch (RuntimeException e) { // the executor is full or shut down
            fail(fresh, e);
        }
        return fresh;
    }

    private void complete(CompletableFuture<List<InetAddress>> resolved, List<InetAddress> addresses) {
        resolving.set(null); // first, so that whoever asks after this asks anew
        resolved.complete(addresses);
    }

    private void fail(CompletableFuture<List<InetAddress>> resolved, Exception failure) {
        resolving.set(null);
        resolved.completeExceptionally(failure);
    }

    /** Empty if this is the node itself. */
    private List<InetAddress> addressesToAsk() throws IOException {
        List<InetAddress> addresses = List.of(InetAddress.getAllByName(address.host()));
        for (InetAddress each : addresses) {
            if (isSelf(each)) {
                return List.of();
            }
        }
        return addresses;
    }

    private boolean isSelf(InetAddress candidate) throws IOException {
        if (self.isEmpty() || self.get().getPort() != address.port()) {
            return false;
        }
        InetAddress own = self.get().getAddress();
        return own.equals(candidate)
                || (own.isAnyLocalAddress()
                        && (candidate.isLoopbackAddress() || NetworkInterface.getByInetAddress(candidate) != null));
    }

    /** Asks at one address after the other until one answers. */
    private CompletableFuture<Optional<Peer>> tryFrom(
            int index, List<InetAddress> addresses, PeerQuestion question, AtomicBoolean givenUp) {
        List<BasicCredentials> toShow = credentials.map(Credentials::accepted).orElse(List.of());
        return send(addresses.get(index), question, 0, toShow, givenUp)
                .thenApply(response -> judge(response, addresses.get(index), addresses, question))
                .exceptionallyCompose(failure -> index + 1 == addresses.size() || givenUp.get()
                        ? CompletableFuture.failedFuture(failure)
                        : tryFrom(index + 1, addresses, question, givenUp));
    }

    /** @param toShow the first of these; the others to a peer that hasn't heard of it yet, or no more knows it */
    private CompletableFuture<HttpResponse<Void>> send(
            InetAddress to, PeerQuestion question, int target, List<BasicCredentials> toShow, AtomicBoolean givenUp) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        uri(to, question.targets().get(target)))
                .method("HEAD", HttpRequest.BodyPublishers.noBody())
                .header("X-Spegel-Mirrored", "true") // answer for yourself, ask nobody else
                .timeout(limit);
        toShow.stream().limit(1).forEach(shown -> request.header("Authorization", shown.headerValue()));
        return client.get()
                .sendAsync(request.build(), HttpResponse.BodyHandlers.discarding())
                .thenCompose(response -> {
                    if (response.statusCode() == 401 && toShow.size() > 1 && !givenUp.get()) {
                        return send(to, question, target, toShow.subList(1, toShow.size()), givenUp);
                    }
                    boolean last = target + 1 == question.targets().size() || givenUp.get();
                    return response.statusCode() != 404 || last
                            ? CompletableFuture.completedFuture(response)
                            : send(to, question, target + 1, toShow, givenUp);
                });
    }

    private URI uri(InetAddress to, String target) {
        return URI.create(client.scheme() + "://" + new PeerAddress(to.getHostAddress(), address.port()) + target);
    }

    private Optional<Peer> judge(
            HttpResponse<Void> response, InetAddress answered, List<InetAddress> addresses, PeerQuestion question) {
        if (response.statusCode() == 401) {
            if (refusedUs.compareAndSet(false, true)) {
                log.warn("Peer {} refuses this node's credentials", address);
            }
            throw new CompletionException(new IOException("status 401"));
        }
        refusedUs.set(false);
        List<InetAddress> bestFirst = new ArrayList<>(List.of(answered));
        addresses.stream().filter(each -> !each.equals(answered)).forEach(bestFirst::add);
        Peer peer = new Peer(address.toString(), bestFirst, address.port(), Optional.empty());
        reachable = Optional.of(peer);
        // A server that says yes to everything isn't a registry of ours.
        boolean sameContent = question.digest().isEmpty()
                || response.headers()
                        .firstValue("Docker-Content-Digest")
                        .map(told -> told.equals(question.digest().get().toString()))
                        .orElse(true);
        if (response.statusCode() != 200 && response.statusCode() != 404) {
            log.debug("Peer {} answers with status {}", address, response.statusCode());
        }
        return response.statusCode() == 200 && sameContent ? Optional.of(peer) : Optional.empty();
    }

    private static String reasonOf(Throwable failure) {
        Throwable reason =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return reason instanceof TimeoutException ? "no answer within the limit" : reason.toString();
    }

    @Override
    public String toString() {
        return address.toString();
    }
}
