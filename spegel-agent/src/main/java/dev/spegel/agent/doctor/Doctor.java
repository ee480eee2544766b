package dev.spegel.agent.doctor;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.concurrent.Executor;

/** Examines the node that it runs on. */
public final class Doctor {
    /** In the order in which to deal with them: what comes later often follows from what comes before. */
    private static final List<Check> CHECKS = List.of(
            new SocketCheck(),
            new VersionCheck(),
            new CriPluginCheck(),
            new ConfigPathCheck(),
            new TransferServiceCheck(),
            new DiscardedLayersCheck(),
            new ConfigInForceCheck(),
            new HostsTomlCheck(),
            new AgentCheck(),
            new AskedCheck(),
            new PeersCheck(),
            new AdvertisedTagsCheck());

    private final DoctorSettings settings;
    private final Executor threads;

    /** @param threads runs seven tasks at once; one whose file system hangs may never end */
    public Doctor(DoctorSettings settings, Executor threads) {
        this.settings = requireNonNull(settings, "settings");
        this.threads = requireNonNull(threads, "threads");
    }

    /** Blocks, for eight seconds at most, and obeys interruption. */
    public Report examine() throws InterruptedException {
        // Made when it is needed: its HTTP clients have threads, and the certificates of all the world, which an agent
        // whose
        // page nobody looks at would keep.
        return judge(new Survey(settings, threads, Survey.LIMIT).collect());
    }

    static Report judge(Evidence evidence) {
        return new Report(CHECKS.stream().map(check -> check.examine(evidence)).toList());
    }
}
