package dev.spegel.agent.web;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.pull.PullReport;
import dev.spegel.agent.pull.PulledContent;
import java.util.Optional;

/** How the measurement that runs is doing, or what the last one gave. */
final class MeasureSection implements Section {
    private final Measurements measurements;

    MeasureSection(Measurements measurements) {
        this.measurements = requireNonNull(measurements, "measurements");
    }

    @Override
    public String id() {
        return "measured";
    }

    @Override
    public String title() {
        return "Measure";
    }

    @Override
    public int refreshSeconds() {
        return 1;
    }

    /** The form, which a refresh must leave alone. */
    void writeForm(Html html) {
        html.open("form", "method", "post", "action", "measure");
        ImageField.write(
                html,
                "measure-image",
                "Image: pull it through this node's mirror, and throw it away",
                "image",
                "",
                "Measure");
        html.close();
    }

    @Override
    public void write(Html html, Question question) {
        Optional<Measurement> last = measurements.last();
        if (last.isEmpty()) {
            html.element("p", "Nothing has been measured yet.");
            return;
        }
        Measurement measurement = last.get();
        if (measurement.end().isEmpty()) {
            progress(html, measurement);
        } else if (measurement.end().get().report().isPresent()) {
            report(html, measurement.end().get().report().get());
        } else {
            html.open("p", "role", "status").text("Measuring ");
            html.foreign("code", measurement.image().toString());
            html.text(" ended after %s: ".formatted(Amounts.time(measurement.elapsed())));
            html.foreign(measurement.end().get().failure()).close();
        }
    }

    private static void progress(Html html, Measurement measurement) {
        long wanted = Math.max(1, measurement.wantedBytes());
        long received = Math.min(wanted, measurement.receivedBytes());
        html.open("p").text("Measuring ").foreign("code", measurement.image().toString());
        html.text(": %s of %s so far, in %s."
                        .formatted(
                                Amounts.bytes(measurement.receivedBytes()),
                                Amounts.bytes(measurement.wantedBytes()),
                                Amounts.time(measurement.elapsed())))
                .close();
        html.element(
                "progress",
                "",
                "aria-label",
                "Bytes that have come",
                "max",
                Long.toString(wanted),
                "value",
                Long.toString(received));
        html.open("form", "method", "post", "action", "measure/cancel");
        html.element("button", "Cancel", "type", "submit").close();
    }

    private static void report(Html html, PullReport report) {
        html.open("p", "role", "status").foreign("code", report.image().toString());
        double seconds = Math.max(1e-6, report.elapsed().toNanos() / 1e9);
        html.text(": %s in %s, %s."
                        .formatted(
                                Amounts.bytes(report.sizeBytes()),
                                Amounts.time(report.elapsed()),
                                Amounts.rate(report.sizeBytes() / seconds)))
                .close();
        Tables.begin(html, "What was measured", "Part", "Digest", "Size", "From", "First byte", "Took", "Throughput");
        for (PulledContent content : report.contents()) {
            double took = Math.max(1e-6, content.elapsed().toNanos() / 1e9);
            html.open("tr")
                    .element("td", content.role(), "class", "nowrap")
                    .foreign("td", content.descriptor().digest().toString(), "class", "long")
                    .element("td", Amounts.bytes(content.descriptor().sizeBytes()), "class", "number nowrap")
                    .foreign("td", String.join(", ", content.servedBy()))
                    .element("td", Amounts.time(content.firstByte()), "class", "number nowrap")
                    .element("td", Amounts.time(content.elapsed()), "class", "number nowrap")
                    .element("td", Amounts.rate(content.descriptor().sizeBytes() / took), "class", "number nowrap")
                    .close();
        }
        Tables.end(html);
    }
}
