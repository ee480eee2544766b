package dev.spegel.routing.bootstrap;

import static java.util.Objects.requireNonNull;

import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.multiformats.Quoted;
import dev.spegel.routing.RoutingException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The addresses of a name, such as a headless service's: as {@code --dns-bootstrap-domain} of the Go implementation. Of each
 * family the {@link #MAX_PER_FAMILY} lowest are named, so that all nodes begin with the same few and can't form two networks.
 *
 * <p>DNS is asked directly, as Java's own resolver remembers answers for 30 s, and that there is none for 10 s
 * ({@code networkaddress.cache.ttl}), while the pods behind a service come and go. What DNS doesn't know is left to Java's
 * resolver, which also reads {@code /etc/hosts} and tries search domains.
 */
public final class DnsBootstrap implements Bootstrapper {
    /** As the Go implementation, so that its nodes and ours begin with the same ones. */
    public static final int MAX_PER_FAMILY = 3;

    /** RFC 1035, section 2.3.4; underscores as in names of services (RFC 8552). */
    private static final Pattern NAME = Pattern.compile(
            "(?=.{1,254}$)[0-9A-Za-z_]([0-9A-Za-z_-]{0,62})" + "(\\.[0-9A-Za-z_]([0-9A-Za-z_-]{0,62}))*\\.?");

    private final String name;
    private final Executor executor;
    private final DnsQuery dns;
    private final ReentrantLock lock = new ReentrantLock();

    /** At most one look-up runs, however long it hangs. */
    private Optional<FutureTask<List<InetAddress>>> running = Optional.empty();

    /**
     * One that asks the DNS servers of this machine.
     *
     * @param name with or without a dot at the end
     * @param executor runs one look-up at a time, which blocks
     * @throws IllegalArgumentException if that's no host name
     */
    public DnsBootstrap(String name, Executor executor) {
        this(name, executor, DnsQuery.OF_THIS_MACHINE);
    }

    DnsBootstrap(String name, Executor executor, DnsQuery dns) {
        this.name = requireNonNull(name, "name");
        this.executor = requireNonNull(executor, "executor");
        this.dns = requireNonNull(dns, "dns");
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("needs a host name, got " + Quoted.of(name));
        }
    }

    @Override
    public List<BootstrapPeer> find(Duration limit) throws RoutingException, InterruptedException {
        try {
            List<InetAddress> addresses = lookUp().get(limit.toNanos(), TimeUnit.NANOSECONDS);
            return Stream.concat(
                            lowest(addresses, Inet4Address.class::isInstance),
                            lowest(addresses, Inet6Address.class::isInstance))
                    .map(address -> new BootstrapPeer(Optional.empty(), List.of(Multiaddr.ofIp(address))))
                    .toList();
        } catch (ExecutionException e) {
            Throwable reason = e.getCause() == null ? e : e.getCause();
            throw new RoutingException("%s can't be resolved: %s".formatted(this, reason), reason);
        } catch (TimeoutException e) {
            throw new RoutingException("%s wasn't resolved within %s".formatted(this, limit), e);
        } catch (RejectedExecutionException e) {
            throw new RoutingException("%s can't be resolved: no thread is left for it".formatted(this), e);
        }
    }

    private FutureTask<List<InetAddress>> lookUp() {
        lock.lock();
        try {
            if (running.isPresent() && !running.get().isDone()) {
                return running.get();
            }
            FutureTask<List<InetAddress>> task = new FutureTask<>(this::resolve);
            executor.execute(task);
            running = Optional.of(task);
            return task;
        } finally {
            lock.unlock();
        }
    }

    private List<InetAddress> resolve() throws UnknownHostException {
        List<InetAddress> fresh = dns.addresses(name);
        return fresh.isEmpty() ? List.of(InetAddress.getAllByName(name)) : fresh;
    }

    private static Stream<InetAddress> lowest(Collection<InetAddress> addresses, Predicate<InetAddress> family) {
        return addresses.stream()
                .filter(family)
                .distinct()
                .sorted(Comparator.comparing(InetAddress::getAddress, Arrays::compareUnsigned))
                .limit(MAX_PER_FAMILY);
    }

    @Override
    public String toString() {
        return "the DNS name " + name;
    }
}
