package dev.spegel.agent;

import static java.util.Objects.requireNonNull;

import dev.spegel.containerd.mirror.Changes;
import dev.spegel.containerd.mirror.MirrorConfigurationException;
import dev.spegel.containerd.mirror.MirrorDirectory;
import dev.spegel.routing.BasicCredentials;
import dev.spegel.routing.RotatingCredentials;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the node's containerd its mirrors and the credentials that they want to see, at the start and after these were replaced. What
 * fails is tried again with the next look. For one thread.
 */
final class MirrorsInStep implements Runnable {
    /**
     * How long after other credentials were taken up containerd is told. It shows them to each of its mirrors, and an address of a mirror
     * may lead to any node (a Service's does), so all nodes should have them by then: twice the 2 min that the kubelet takes. And less
     * than half of {@link Upkeep#GRACE}, so that the node that learnt of them first still takes the old ones from the last.
     */
    static final Duration SETTLE = Duration.ofMinutes(4);

    private static final Logger LOG = LoggerFactory.getLogger(MirrorsInStep.class);

    private final Upkeep.Mirrors mirrors;
    private final MirrorDirectory directory;
    private final Optional<RotatingCredentials> credentials;
    private final UpkeepMeters meters;
    private final LongSupplier nanoClock;

    /** Whether what was told last is in place. */
    private boolean done;

    private Optional<BasicCredentials> told;
    private Optional<BasicCredentials> newest;
    private long newestSinceNanos;
    private String lastFailure = "";

    MirrorsInStep(
            Upkeep.Mirrors mirrors,
            Optional<RotatingCredentials> credentials,
            UpkeepMeters meters,
            LongSupplier nanoClock) {
        this.mirrors = requireNonNull(mirrors, "mirrors");
        this.directory = MirrorDirectory.at(mirrors.directory());
        this.credentials = requireNonNull(credentials, "credentials");
        this.meters = requireNonNull(meters, "meters");
        this.nanoClock = requireNonNull(nanoClock, "nanoClock");
        newest = credentials.map(RotatingCredentials::current);
        newestSinceNanos = nanoClock.getAsLong();
        told = newest;
    }

    /** Looks once. */
    @Override
    public void run() {
        Optional<BasicCredentials> due = due();
        if (done && due.equals(told)) {
            return;
        }
        told = due;
        done = false;
        try {
            Changes changes = directory.configure(due.map(BasicCredentials::headerValue)
                    .map(mirrors.configuration()::withAuthorization)
                    .orElse(mirrors.configuration()));
            done = true;
            lastFailure = "";
            if (!changes.isEmpty()) {
                LOG.info("Told containerd its mirrors again: wrote {} in {}", changes.written(), mirrors.directory());
            }
        } catch (MirrorConfigurationException e) {
            meters.mirrorFailures().increment();
            String failure = String.valueOf(e.getMessage());
            if (!failure.equals(lastFailure)) {
                LOG.warn("Can't tell containerd its mirrors, and try on: {}", failure);
                lastFailure = failure;
            }
        }
    }

    /** Those that were told before until the newest have settled, or they aren't good any more. */
    private Optional<BasicCredentials> due() {
        Optional<BasicCredentials> current = credentials.map(RotatingCredentials::current);
        long nowNanos = nanoClock.getAsLong();
        if (!current.equals(newest)) {
            newest = current;
            newestSinceNanos = nowNanos;
        }
        boolean settled = nowNanos - newestSinceNanos >= SETTLE.toNanos();
        boolean good = told.isPresent() && credentials.orElseThrow().accepted().contains(told.get());
        return good && !settled ? told : current;
    }
}
