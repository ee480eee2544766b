package dev.spegel.agent.cli;

import dev.spegel.agent.console.Table;
import dev.spegel.agent.inspect.LookupReport;
import dev.spegel.agent.inspect.LookupRequest;
import dev.spegel.agent.inspect.ReportJson;
import dev.spegel.routing.Key;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** {@code spegel lookup}. */
final class LookupCommand {
    private static final Subcommand.Argument CONTENT = new Subcommand.Argument(
            "IMAGE|DIGEST", "An image, as docker.io/library/app:1.0, or the digest of a manifest or layer.");
    private static final Flag MAX_PEERS =
            Flag.one("--max-peers", "COUNT", "Stop after so many.").withDefault("20");
    private static final Flag TIMEOUT =
            Flag.one("--timeout", "DURATION", "Give up after so long.").withDefault("5s");

    private LookupCommand() {}

    static Subcommand of() {
        return new Subcommand(
                "lookup",
                "Find the nodes that say they have an image, a manifest or a layer.",
                List.of(
                        "",
                        "Exits with 0 if somebody has it, and with 1 if nobody has. The node that is asked is left out:"
                                + " what it has itself it doesn't look for."),
                Optional.of(CONTENT),
                Stream.concat(
                                Stream.of(new Subcommand.FlagGroup("What to find", List.of(MAX_PEERS, TIMEOUT))),
                                ViewFlags.GROUPS.stream())
                        .toList(),
                List.of(
                        "spegel lookup docker.io/library/app:1.0",
                        "spegel lookup app:1.0 --agent-addr 10.0.0.7:9090 --output json",
                        "spegel lookup sha256:6c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3b \\",
                        "    --bootstrap-kind dns --dns-bootstrap-domain spegel-bootstrap.spegel.svc"),
                LookupCommand::run);
    }

    private static int run(Settings settings, Surroundings surroundings) throws Exception {
        LogSettings logs = LogSettings.readForPeople(settings);
        Optional<Key> key = settings.argument(CONTENT, LookupRequest::key);
        int maxPeers = settings.value(MAX_PEERS, LookupCommand::maxPeers);
        Duration limit = settings.value(TIMEOUT, LookupCommand::limit);
        boolean json = settings.value(ViewFlags.OUTPUT, ViewFlags::isJson);
        ViewSource source = ViewFlags.read(settings);
        settings.requireNoProblems();
        logs.writeTo(surroundings.err());
        LookupRequest request = new LookupRequest(key.orElseThrow(), maxPeers, limit);
        LookupReport report = Interruption.under(surroundings, () -> source.look(view -> view.lookup(request)));
        if (json) {
            surroundings.out().println(ReportJson.write(report));
        } else {
            surroundings.out().println(source.sentence() + ".");
            print(report, surroundings);
        }
        return report.peers().isEmpty() ? ExitCode.FAILURE : ExitCode.OK;
    }

    private static int maxPeers(String text) {
        int count = GoSyntax.positiveInt(text);
        if (count > LookupRequest.MAX_PEERS) {
            throw new IllegalArgumentException(
                    "at most %d can be looked for, got %d".formatted(LookupRequest.MAX_PEERS, count));
        }
        return count;
    }

    private static Duration limit(String text) {
        Duration limit = GoSyntax.positiveDuration(text);
        if (limit.toMillis() < 1 || limit.compareTo(LookupRequest.LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "a look-up takes 1ms to %ds, got %s".formatted(LookupRequest.LONGEST.toSeconds(), text));
        }
        return limit;
    }

    private static void print(LookupReport report, Surroundings surroundings) {
        PrintStream out = surroundings.out();
        String end = report.ended() ? "took" : "was given up after";
        if (report.peers().isEmpty()) {
            out.printf(
                    "No other node says that it has %s; the search %s %s.%n",
                    report.key(), end, time(report.elapsed()));
            return;
        }
        Table table = new Table(2);
        table.row("PEER", "REGISTRY", "FOUND AFTER");
        report.peers().forEach(peer -> table.row(peer.id(), String.join(", ", peer.registries()), time(peer.after())));
        table.lines(surroundings.style()).forEach(out::println);
        out.printf(
                "%d %s %s; the search %s %s.%n",
                report.peers().size(),
                report.peers().size() == 1 ? "node has" : "nodes have",
                report.key(),
                end,
                time(report.elapsed()));
    }

    static String time(Duration time) {
        return String.format(Locale.ROOT, "%.1f ms", time.toNanos() / 1e6);
    }
}
