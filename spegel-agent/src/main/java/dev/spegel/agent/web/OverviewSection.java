package dev.spegel.agent.web;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.NetworkView;
import dev.spegel.agent.inspect.NodeView;
import dev.spegel.agent.inspect.PeersReport;
import dev.spegel.agent.inspect.StatusReport;
import java.io.IOException;

/** Which agent this is, and whether it works. */
final class OverviewSection implements Section {
    private final NodeView node;
    private final NetworkView network;

    OverviewSection(NodeView node, NetworkView network) {
        this.node = requireNonNull(node, "node");
        this.network = requireNonNull(network, "network");
    }

    @Override
    public String id() {
        return "overview";
    }

    @Override
    public String title() {
        return "Overview";
    }

    @Override
    public int refreshSeconds() {
        return 5;
    }

    @Override
    public void write(Html html, Question question) throws IOException, InterruptedException {
        StatusReport status = node.status();
        PeersReport peers = network.known();
        html.open("p");
        if (status.notReadyBecause().isPresent()) {
            Tables.badge(html, Tables.Mood.BAD, "Not ready");
            html.text(" ").foreign(status.notReadyBecause().get());
        } else {
            Tables.badge(html, Tables.Mood.GOOD, "Ready");
            html.text(" It serves this node's images, and finds those of others.");
        }
        html.close().open("dl", "class", "facts");
        fact(html, "Version", status.version());
        fact(html, "Up for", Amounts.time(status.uptime()));
        fact(html, "Registry", status.registry());
        fact(html, "Peers known", Integer.toString(peers.known()));
        fact(html, "Asked by containerd", askedByContainerd(status));
        if (!peers.node().id().isEmpty()) {
            fact(html, "Node", peers.node().id());
        }
        html.close();
    }

    private static String askedByContainerd(StatusReport status) {
        StatusReport.ContainerdRequests requests = status.containerd();
        return Amounts.count(requests.count(), "time", "times")
                + requests.last()
                        .map(last -> ", last %s ago by %s".formatted(Amounts.time(last.ago()), last.client()))
                        .orElse("");
    }

    static void fact(Html html, String name, String value) {
        html.open("div").element("dt", name).foreign("dd", value).close();
    }
}
