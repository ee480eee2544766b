package dev.spegel.agent.web;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.ActivityView;
import dev.spegel.agent.inspect.HistoryReport.Minute;
import java.util.List;
import java.util.function.ToLongFunction;

/** Hit rate and throughput of the last hour. */
final class HistorySection implements Section {
    private static final int SECONDS_A_MINUTE = 60;

    private final ActivityView activity;

    HistorySection(ActivityView activity) {
        this.activity = requireNonNull(activity, "activity");
    }

    @Override
    public String id() {
        return "history";
    }

    @Override
    public String title() {
        return "The last hour";
    }

    @Override
    public int refreshSeconds() {
        return 10;
    }

    @Override
    public void write(Html html, Question question) {
        List<Minute> minutes = activity.history().minutes();
        html.open("div", "class", "charts");
        hitRate(html, minutes);
        throughput(html, "From other nodes", minutes, Minute::fromPeers);
        throughput(html, "To other nodes", minutes, Minute::toPeers);
        html.close();
    }

    private static void hitRate(Html html, List<Minute> minutes) {
        long hits = minutes.stream().mapToLong(Minute::hits).sum();
        long all = hits + minutes.stream().mapToLong(Minute::misses).sum();
        String summary = all == 0
                ? "nothing was asked"
                : "%d %% of %s".formatted(Math.round(100.0 * hits / all), Amounts.count(all, "request", "requests"));
        List<Double> rates = minutes.stream()
                .map(minute -> minute.hits() + minute.misses() == 0
                        ? Double.NaN
                        : (double) minute.hits() / (minute.hits() + minute.misses()))
                .toList();
        figure(html, "rate", "Hit rate", summary, rates, 1, "100 %");
    }

    private static void throughput(Html html, String title, List<Minute> minutes, ToLongFunction<Minute> bytes) {
        long all = minutes.stream().mapToLong(bytes).sum();
        long most = minutes.stream().mapToLong(bytes).max().orElse(0);
        String peak = Amounts.rate((double) most / SECONDS_A_MINUTE);
        String summary = all == 0 ? "nothing" : "%s in all, at most %s".formatted(Amounts.bytes(all), peak);
        List<Double> values = minutes.stream()
                .map(minute -> (double) bytes.applyAsLong(minute))
                .toList();
        figure(html, "bytes", title, summary, values, (double) most, peak);
    }

    private static void figure(
            Html html, String kind, String title, String summary, List<Double> values, double top, String topText) {
        html.open("figure");
        html.open("figcaption").element("strong", title).text(": " + summary).close();
        html.element("div", topText, "class", "scale");
        BarChart.write(html, kind, title + " by minute: " + summary, ActivityView.MINUTES, values, top);
        html.open("div", "class", "axis")
                .element("span", "an hour ago")
                .element("span", "now")
                .close();
        html.close();
    }
}
