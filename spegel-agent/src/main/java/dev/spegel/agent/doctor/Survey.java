package dev.spegel.agent.doctor;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.AgentView;
import dev.spegel.agent.inspect.PeersReport;
import dev.spegel.agent.inspect.StatusReport;
import dev.spegel.containerd.ContainerdConfig;
import dev.spegel.containerd.ContainerdDetails;
import dev.spegel.containerd.cri.ConfigFiles;
import dev.spegel.containerd.mirror.MirrorConfigurationException;
import dev.spegel.containerd.mirror.MirrorDirectory;
import dev.spegel.containerd.mirror.RegistryHost;
import dev.spegel.routing.PeerAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Collects the facts. Each question has its own thread and limit, so that one that hangs leaves the others alone. */
final class Survey {
    /** For all together: whoever waits for a report longer than this takes it for hung. */
    static final Duration LIMIT = Duration.ofSeconds(8);

    /** For one call to containerd, which answers in milliseconds; there are two. */
    private static final Duration CONTAINERD_LIMIT = Duration.ofSeconds(3);

    private final DoctorSettings settings;
    private final Executor threads;
    private final Duration limit;
    private final AgentView agent;
    private final RegistryClient registries;
    private final Probe probe;

    /** @param threads runs seven questions at once; those that never come back keep their thread */
    Survey(DoctorSettings settings, Executor threads, Duration limit) {
        this.settings = requireNonNull(settings, "settings");
        this.threads = requireNonNull(threads, "threads");
        this.limit = requireNonNull(limit, "limit");
        agent = new AgentView(settings.agent());
        registries = new RegistryClient(settings.credentials(), settings.tls().map(Supplier::get));
        probe = new Probe(registries);
    }

    /** Blocks, for the limit at most, and obeys interruption. */
    Evidence collect() throws InterruptedException {
        long start = System.nanoTime();
        FutureTask<ContainerdDetails> containerd = begin(this::askContainerd);
        FutureTask<FileTime> socketMade =
                begin(() -> Files.getLastModifiedTime(settings.socket(), LinkOption.NOFOLLOW_LINKS));
        FutureTask<ConfigFiles> config = begin(() -> ConfigFiles.read(settings.configFile()));
        FutureTask<MirrorHosts> hosts = begin(this::readHosts);
        FutureTask<StatusReport> status = begin(agent::status);
        FutureTask<PeersReport> peers = begin(agent::peers);
        FutureTask<TagAudit> tags = begin(this::auditTags);
        return new Evidence(
                settings,
                end(containerd, start),
                end(socketMade, start),
                end(config, start),
                end(hosts, start),
                end(status, start),
                end(peers, start),
                end(tags, start));
    }

    private <T> FutureTask<T> begin(Question<T> question) {
        FutureTask<T> task = new FutureTask<>(question::answer);
        threads.execute(task);
        return task;
    }

    private <T> Fact<T> end(FutureTask<T> task, long start) throws InterruptedException {
        try {
            long left = limit.toNanos() - (System.nanoTime() - start);
            return Fact.of(task.get(Math.max(0, left), TimeUnit.NANOSECONDS));
        } catch (TimeoutException | CancellationException e) {
            task.cancel(true);
            return Fact.unknown("there was no answer within %d s".formatted(limit.toSeconds()));
        } catch (InterruptedException e) {
            task.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                return Fact.unknown(String.valueOf(failure.getMessage()));
            }
            throw new IllegalStateException("a question failed that shouldn't", e.getCause());
        }
    }

    private ContainerdDetails askContainerd() throws IOException {
        return ContainerdDetails.ask(ContainerdConfig.DEFAULTS
                .withSocket(settings.socket().toAbsolutePath())
                .withCallLimit(CONTAINERD_LIMIT));
    }

    private MirrorHosts readHosts() throws IOException, InterruptedException {
        Path directory = settings.registryConfigPath();
        if (!Files.isDirectory(directory)) {
            throw new IOException("there is no directory " + directory);
        }
        MirrorDirectory mirrors = MirrorDirectory.at(directory);
        Map<String, Fact<List<RegistryHost>>> registries = new LinkedHashMap<>();
        Set<String> urls = new LinkedHashSet<>();
        for (String registry : mirrors.registries()) {
            try {
                List<RegistryHost> hosts = mirrors.hostsOf(registry).orElse(List.of());
                registries.put(registry, Fact.of(hosts));
                hosts.forEach(host -> urls.add(host.url()));
            } catch (MirrorConfigurationException e) {
                registries.put(registry, Fact.unknown(String.valueOf(e.getMessage())));
            }
        }
        return new MirrorHosts(registries, probe.askAll(urls));
    }

    private TagAudit auditTags() throws IOException, InterruptedException {
        StatusReport status = agent.status();
        PeerAddress registry = PeerAddress.parse(status.registry());
        // Who listens everywhere is at least where it was just asked.
        PeerAddress reachable = InetAddress.getByName(registry.host()).isAnyLocalAddress()
                ? new PeerAddress(settings.agent().host(), registry.port())
                : registry;
        if (settings.tls().isPresent() && !status.tls()) {
            throw new IOException(
                    "the registry at %s speaks plain HTTP, and was to be asked over TLS".formatted(reachable));
        }
        URI uri = URI.create((status.tls() ? "https://" : "http://") + reachable);
        return new TagAuditor(uri, registries).audit(agent.tags());
    }

    private interface Question<T> {
        T answer() throws IOException, InterruptedException;
    }
}
