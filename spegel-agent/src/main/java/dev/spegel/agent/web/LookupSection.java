package dev.spegel.agent.web;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.LookupReport;
import dev.spegel.agent.inspect.LookupReport.FoundPeer;
import dev.spegel.agent.inspect.LookupRequest;
import dev.spegel.agent.inspect.NetworkView;
import dev.spegel.oci.OciSyntaxException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/** A form to ask who has some content, and the answer. */
final class LookupSection implements Section {
    private static final int MAX_PEERS = 20;
    private static final Duration LIMIT = Duration.ofSeconds(5);

    /** As many as the debug API lets run: for people, and so that scrapes beside them get through. */
    private static final int MAX_RUNNING = 2;

    private final NetworkView network;
    private final Semaphore running = new Semaphore(MAX_RUNNING);

    LookupSection(NetworkView network) {
        this.network = requireNonNull(network, "network");
    }

    @Override
    public String id() {
        return "lookup";
    }

    @Override
    public String title() {
        return "Look up";
    }

    @Override
    public int refreshSeconds() {
        return 0;
    }

    @Override
    public void write(Html html, Question question) throws IOException, InterruptedException {
        html.open("form", "method", "get", "action", "./#lookup");
        ImageField.write(
                html,
                "lookup-key",
                "Image or digest: which nodes say that they have it?",
                "lookup",
                question.lookup(),
                "Look up");
        html.close();
        if (!question.lookup().isEmpty()) {
            answer(html, question.lookup());
        }
    }

    private void answer(Html html, String text) throws IOException, InterruptedException {
        if (!running.tryAcquire()) {
            html.element("p", "%d look-ups run already; try again in a moment.".formatted(MAX_RUNNING));
            return;
        }
        try {
            answer(html, network.lookup(new LookupRequest(LookupRequest.key(text), MAX_PEERS, LIMIT)));
        } catch (OciSyntaxException | IllegalArgumentException e) {
            html.open("p")
                    .text("That can't be looked up: ")
                    .foreign(String.valueOf(e.getMessage()))
                    .close();
        } finally {
            running.release();
        }
    }

    private static void answer(Html html, LookupReport report) {
        html.open("p", "role", "status");
        html.text(Amounts.count(report.peers().size(), "node says that it has ", "nodes say that they have "));
        html.foreign("code", report.key());
        html.text("; the search took %s%s."
                .formatted(Amounts.time(report.elapsed()), report.ended() ? "" : " and was cut short"));
        html.close();
        if (!report.peers().isEmpty()) {
            Tables.begin(html, "Nodes found", "Peer", "Registry", "Found after");
            for (FoundPeer peer : report.peers()) {
                html.open("tr")
                        .foreign("th", peer.id(), "scope", "row", "class", "long")
                        .foreign("td", String.join(", ", peer.registries()))
                        .element("td", Amounts.time(peer.after()), "class", "number nowrap")
                        .close();
            }
            Tables.end(html);
        }
    }
}
