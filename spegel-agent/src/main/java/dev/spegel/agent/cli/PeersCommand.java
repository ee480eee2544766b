package dev.spegel.agent.cli;

import dev.spegel.agent.console.Table;
import dev.spegel.agent.inspect.PeersReport;
import dev.spegel.agent.inspect.PeersReport.KnownPeer;
import dev.spegel.agent.inspect.ReportJson;
import java.io.PrintStream;
import java.util.List;

/** {@code spegel peers}. */
final class PeersCommand {
    /** A node with many interfaces has that many addresses. */
    private static final int ADDRESSES_SHOWN = 2;

    private PeersCommand() {}

    static Subcommand of() {
        return new Subcommand(
                "peers",
                "List the nodes that a node knows, and how far away they are.",
                List.of("", "Exits with 0 if it knows anybody, and with 1 otherwise."),
                ViewFlags.GROUPS,
                List.of(
                        "spegel peers",
                        "spegel peers --agent-addr 10.0.0.7:9090 --output json",
                        "spegel peers --bootstrap-kind http --http-bootstrap-url http://10.0.0.1:5002/id"),
                PeersCommand::run);
    }

    private static int run(Settings settings, Surroundings surroundings) throws Exception {
        LogSettings logs = LogSettings.readForPeople(settings);
        boolean json = settings.value(ViewFlags.OUTPUT, ViewFlags::isJson);
        ViewSource source = ViewFlags.read(settings);
        settings.requireNoProblems();
        logs.writeTo(surroundings.err());
        PeersReport report = Interruption.under(surroundings, () -> source.look(view -> view.peers()));
        if (json) {
            surroundings.out().println(ReportJson.write(report));
        } else {
            surroundings.out().println(source.sentence() + ".");
            print(report, surroundings);
        }
        return report.peers().isEmpty() ? ExitCode.FAILURE : ExitCode.OK;
    }

    private static void print(PeersReport report, Surroundings surroundings) {
        PrintStream out = surroundings.out();
        PeersReport.Self node = report.node();
        if (!node.id().isEmpty()) {
            out.printf(
                    "The node is %s%s.%n",
                    Table.printable(node.id()),
                    node.addresses().isEmpty() ? "" : " at " + Table.printable(brief(node.addresses())));
        }
        if (report.peers().isEmpty()) {
            out.println("It knows no other node.");
            return;
        }
        Table table = new Table(5);
        table.row("PEER", "ADDRESSES", "REGISTRY", "AGENT", "IN TABLE", "ROUND TRIP");
        for (KnownPeer peer : report.peers()) {
            table.row(
                    peer.id(),
                    orDash(brief(peer.addresses())),
                    orDash(brief(peer.registries())),
                    orDash(peer.agentVersion()),
                    peer.inTable() ? "yes" : "no",
                    peer.roundTrip().map(LookupCommand::time).orElse("-"));
        }
        table.lines(surroundings.style()).forEach(out::println);
        for (KnownPeer peer : report.peers()) {
            peer.quarantinedFor()
                    .ifPresent(left -> out.printf(
                            "%s sent wrong bytes: for another %d s it is asked only if nobody else has something.%n",
                            Table.printable(peer.id()), left.toSeconds() + 1));
        }
        int left = report.known() - report.peers().size();
        out.printf(
                "%d %s known%s.%n",
                report.known(),
                report.known() == 1 ? "node is" : "nodes are",
                left > 0 ? ", %d of them not shown".formatted(left) : "");
    }

    private static String brief(List<String> addresses) {
        String shown = String.join(", ", addresses.subList(0, Math.min(addresses.size(), ADDRESSES_SHOWN)));
        return addresses.size() > ADDRESSES_SHOWN
                ? shown + " and %d more".formatted(addresses.size() - ADDRESSES_SHOWN)
                : shown;
    }

    private static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }
}
