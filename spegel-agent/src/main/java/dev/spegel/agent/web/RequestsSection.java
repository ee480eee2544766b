package dev.spegel.agent.web;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.ActivityView;
import dev.spegel.agent.inspect.RequestsReport;
import dev.spegel.agent.inspect.RequestsReport.MirrorRequest;
import java.util.List;

/** What the mirror was asked lately, and what became of it. */
final class RequestsSection implements Section {
    /** A pull or two; the debug API has more. */
    private static final int MAX_ROWS = 50;

    private final ActivityView activity;

    RequestsSection(ActivityView activity) {
        this.activity = requireNonNull(activity, "activity");
    }

    @Override
    public String id() {
        return "requests";
    }

    @Override
    public String title() {
        return "Recent mirror requests";
    }

    @Override
    public int refreshSeconds() {
        return 3;
    }

    @Override
    public void write(Html html, Question question) {
        RequestsReport report = activity.requests();
        if (report.requests().isEmpty()) {
            html.element("p", "Nothing yet: the store had all that was asked of this node, or nobody asked.");
            return;
        }
        List<MirrorRequest> shown = report.requests().stream().limit(MAX_ROWS).toList();
        html.element(
                "p",
                Amounts.count(report.seen(), "request", "requests") + " since the start"
                        + (shown.size() < report.seen() ? "; here are the last %d.".formatted(shown.size()) : "."));
        Tables.begin(html, "Recent mirror requests", "When", "What", "Result", "From", "Took", "Bytes", "Why not");
        for (MirrorRequest request : shown) {
            row(html, request);
        }
        Tables.end(html);
    }

    private static void row(Html html, MirrorRequest request) {
        html.open("tr");
        html.element("td", Amounts.time(request.ago()) + " ago", "class", "nowrap");
        html.open("td", "class", "long")
                .element("small", request.method() + " " + request.kind())
                .foreign(request.content())
                .close();
        html.open("td", "class", "nowrap");
        if (request.hit() && request.whyNot().isEmpty()) {
            Tables.badge(html, Tables.Mood.GOOD, "hit");
        } else if (request.hit()) {
            Tables.badge(html, Tables.Mood.MIDDLING, "broken off");
        } else {
            Tables.badge(html, Tables.Mood.BAD, "miss " + request.status());
        }
        html.close();
        html.foreign("td", request.servedBy().orElse("–"), "class", "nowrap");
        html.element("td", Amounts.time(request.elapsed()), "class", "number nowrap");
        html.element("td", request.hit() ? Amounts.bytes(request.bytes()) : "–", "class", "number nowrap");
        html.foreign("td", request.whyNot().orElse(""), "class", "reason");
        html.close();
    }
}
