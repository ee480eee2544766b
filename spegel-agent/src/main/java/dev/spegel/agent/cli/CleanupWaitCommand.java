package dev.spegel.agent.cli;

import dev.spegel.agent.cleanup.CleanupWait;
import dev.spegel.agent.cli.Subcommand.FlagGroup;
import dev.spegel.oci.Quoted;
import java.security.Security;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code spegel cleanup-wait}. Flags and defaults are the Go implementation's. */
final class CleanupWaitCommand {
    private static final Flag PROBE_ENDPOINT = Flag.one(
            "--probe-endpoint",
            "HOST:PORT",
            "Where 'spegel cleanup' answers: a name whose addresses are all nodes. Required.");
    private static final Flag THRESHOLD = Flag.one(
                    "--threshold", "COUNT", "How many times in a row all nodes must have answered.")
            .withDefault("3");
    private static final Flag PERIOD =
            Flag.one("--period", "DURATION", "How often to ask.").withDefault("2s");

    private CleanupWaitCommand() {}

    static Subcommand of() {
        return new Subcommand(
                "cleanup-wait",
                "Wait until all nodes have been cleaned up.",
                List.of(
                        "",
                        "Looks the name up anew each time. Ends when all its addresses have answered often enough."),
                List.of(new FlagGroup("Flags", List.of(PROBE_ENDPOINT, THRESHOLD, PERIOD))),
                List.of("spegel cleanup-wait --probe-endpoint spegel-cleanup.spegel.svc.cluster.local.:8080"),
                CleanupWaitCommand::run);
    }

    private static int run(Settings settings, Surroundings surroundings)
            throws SettingsException, InterruptedException {
        LogSettings logs = LogSettings.read(settings);
        Optional<GoSyntax.HostPort> endpoint = settings.optional(PROBE_ENDPOINT, CleanupWaitCommand::endpoint);
        int threshold = settings.value(THRESHOLD, GoSyntax::positiveInt);
        Duration period = settings.value(PERIOD, GoSyntax::positiveDuration);
        if (!settings.isSet(PROBE_ENDPOINT)) {
            settings.problem(PROBE_ENDPOINT, "there must be an address at which all nodes answer, host:port");
        }
        settings.requireNoProblems();
        logs.writeTo(surroundings.err());
        // Java keeps what it has looked up for 30 s, and this process looks up nothing else. Read at the first look-up.
        Security.setProperty("networkaddress.cache.ttl", "0");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
        GoSyntax.HostPort address = endpoint.orElseThrow();
        Runnable noLonger = surroundings.stop().interrupting(Thread.currentThread());
        try {
            new CleanupWait(address.host().orElseThrow(), address.port(), threshold, period).await();
        } finally {
            noLonger.run();
        }
        return ExitCode.OK;
    }

    private static GoSyntax.HostPort endpoint(String text) {
        GoSyntax.HostPort endpoint = GoSyntax.HostPort.parse(text, 1);
        if (endpoint.host().isEmpty()) {
            throw new IllegalArgumentException("an endpoint has a host, got " + Quoted.of(text));
        }
        return endpoint;
    }
}
