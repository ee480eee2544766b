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

    private final Survey survey;

    /** @param threads runs seven tasks at once; one whose file system hangs may never end */
    public Doctor(DoctorSettings settings, Executor threads) {
        survey = new Survey(requireNonNull(settings, "settings"), requireNonNull(threads, "threads"), Survey.LIMIT);
    }

    /** Blocks, for eight seconds at most, and obeys interruption. */
    public Report examine() throws InterruptedException {
        return judge(survey.collect());
    }

    static Report judge(Evidence evidence) {
        return new Report(CHECKS.stream().map(check -> check.examine(evidence)).toList());
    }
}
