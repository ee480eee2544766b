package dev.spegel.agent.web;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.doctor.Finding;
import dev.spegel.agent.doctor.Finding.Status;
import dev.spegel.agent.inspect.NetworkView;
import dev.spegel.agent.inspect.NodeView;
import dev.spegel.agent.inspect.PeersReport;
import dev.spegel.agent.inspect.PeersReport.KnownPeer;
import dev.spegel.agent.inspect.StatusReport;
import dev.spegel.agent.inspect.TagsReport;
import java.io.IOException;

/** How containerd and the network are, and what the doctor has found. */
final class HealthSection implements Section {
    /** Enough to see what is wrong; the debug API has more. */
    private static final int MAX_HELD_BACK = 10;

    private final NodeView node;
    private final NetworkView network;
    private final Examinations examinations;

    HealthSection(NodeView node, NetworkView network, Examinations examinations) {
        this.node = requireNonNull(node, "node");
        this.network = requireNonNull(network, "network");
        this.examinations = requireNonNull(examinations, "examinations");
    }

    @Override
    public String id() {
        return "health";
    }

    @Override
    public String title() {
        return "Health";
    }

    @Override
    public int refreshSeconds() {
        return 5;
    }

    @Override
    public void write(Html html, Question question) throws IOException, InterruptedException {
        StatusReport status = node.status();
        PeersReport peers = network.known();
        TagsReport tags = node.tags();
        html.open("dl", "class", "facts");
        OverviewSection.fact(
                html, "Store", status.remarks().isEmpty() ? "no remarks" : String.join("; ", status.remarks()));
        OverviewSection.fact(html, "Network", network(peers));
        OverviewSection.fact(
                html, "Tags", "%d advertised, %s held back".formatted(tags.advertised(), heldBackCount(tags)));
        html.close();
        if (!tags.heldBack().isEmpty()) {
            html.open("ul");
            tags.heldBack().stream()
                    .limit(MAX_HELD_BACK)
                    .forEach(held -> html.open("li")
                            .foreign(held.tag())
                            .text(": ")
                            .foreign(held.why())
                            .close());
            html.close();
        }
        findings(html);
    }

    private static String heldBackCount(TagsReport tags) {
        int count = tags.heldBack().size();
        return count == NodeView.MAX_HELD_BACK ? "at least " + count : Integer.toString(count);
    }

    private static String network(PeersReport peers) {
        long inTable = peers.peers().stream().filter(KnownPeer::inTable).count();
        String kind = peers.node().router();
        return "%s, %s, %s known%s"
                .formatted(
                        kind,
                        peers.node().ready() ? "ready" : "has met nobody yet",
                        Amounts.count(peers.known(), "peer", "peers"),
                        kind.equals("static") ? "" : ", %d in the routing table".formatted(inTable));
    }

    private void findings(Html html) {
        Examinations.State state = examinations.state();
        html.element("h3", "What the doctor finds");
        if (state.running()) {
            html.open("p", "role", "status")
                    .text("Examining the node; it takes some seconds.")
                    .close();
        }
        if (state.failure().isPresent()) {
            html.open("p")
                    .text("The examination failed: ")
                    .foreign(state.failure().get())
                    .close();
        }
        if (state.report().isEmpty()) {
            if (!state.running()) {
                html.element(
                        "p",
                        "Nobody has asked yet. An examination looks at containerd, its configuration and this agent.");
            }
            return;
        }
        html.element("p", "Examined %s ago.".formatted(Amounts.time(state.ago())));
        html.open("ul", "class", "findings");
        for (Finding finding : state.report().get().findings()) {
            html.open("li");
            Tables.badge(html, mood(finding.status()), finding.status().text());
            html.text(" ").element("code", finding.id()).text(" ").foreign(finding.seen());
            finding.remedy().ifPresent(remedy -> html.open("p").foreign(remedy).close());
            html.close();
        }
        html.close();
    }

    private static Tables.Mood mood(Status status) {
        return switch (status) {
            case OK -> Tables.Mood.GOOD;
            case WARNING -> Tables.Mood.MIDDLING;
            case ERROR -> Tables.Mood.BAD;
            case UNKNOWN -> Tables.Mood.PLAIN;
        };
    }
}
