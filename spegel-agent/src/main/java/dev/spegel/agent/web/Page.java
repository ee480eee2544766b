package dev.spegel.agent.web;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.ActivityView;
import dev.spegel.agent.inspect.NetworkView;
import dev.spegel.agent.inspect.NodeView;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The page and its sections. Safe for use by many threads. */
final class Page {
    private final MeasureSection measure;
    private final HealthSection health;
    private final LookupSection lookup;
    private final Measurements measurements;
    private final List<Section> sections;

    Page(
            NetworkView network,
            NodeView node,
            ActivityView activity,
            Measurements measurements,
            Examinations examinations) {
        this.measurements = requireNonNull(measurements, "measurements");
        measure = new MeasureSection(measurements);
        health = new HealthSection(node, network, examinations);
        lookup = new LookupSection(network);
        sections = List.of(
                new OverviewSection(node, network),
                health,
                new HistorySection(activity),
                new PeersSection(network),
                new RequestsSection(activity),
                lookup,
                measure,
                new ImagesSection(node));
    }

    /** The whole page. */
    String write(Question question) throws InterruptedException {
        Html html = new Html().doctype().open("html", "lang", "en").open("head");
        html.open("meta", "charset", "utf-8");
        html.open("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        html.element("title", "Spegel");
        html.open("link", "rel", "stylesheet", "href", "style.css");
        html.open("link", "rel", "icon", "href", "icon.svg");
        if (measurements.last().filter(last -> last.end().isEmpty()).isPresent()) {
            html.open("noscript")
                    .open("meta", "http-equiv", "refresh", "content", "2")
                    .close();
        }
        html.element("script", "", "src", "script.js", "defer", "").close();
        html.open("body").element("a", "Skip to the content", "href", "#content", "class", "skip");
        html.open("header")
                .element("h1", "Spegel")
                .open("nav", "aria-label", "Sections")
                .open("ul");
        for (Section section : sections) {
            html.open("li")
                    .element("a", section.title(), "href", "#" + section.id())
                    .close();
        }
        html.close().close().open("p", "id", "live").close().close();
        html.open("main", "id", "content");
        for (Section section : sections) {
            frame(html, section, question);
        }
        html.close().close().close();
        return html.toString();
    }

    private void frame(Html html, Section section, Question question) throws InterruptedException {
        String heading = section.id() + "-title";
        html.open("section", "id", section.id(), "aria-labelledby", heading);
        html.element("h2", section.title(), "id", heading);
        if (section == measure) {
            measure.writeForm(html);
        }
        if (section.refreshSeconds() == 0) {
            content(html, section, question);
        } else {
            html.open(
                    "div",
                    "data-live",
                    address(section, question),
                    "data-every",
                    Integer.toString(section.refreshSeconds()));
            content(html, section, question);
            html.close();
        }
        if (section == health) {
            html.open("form", "method", "post", "action", "examine");
            html.element("button", "Examine the node now", "type", "submit").close();
        }
        html.close();
    }

    private static String address(Section section, Question question) {
        return "section/" + section.id()
                + (question.imagesAfter().isEmpty() ? "" : Question.imagesAfter(question.imagesAfter()));
    }

    /** What is within one section; empty if there is no such section. */
    Optional<String> write(String sectionId, Question question) throws InterruptedException {
        for (Section section : sections) {
            if (section.id().equals(sectionId) && section.refreshSeconds() > 0) {
                Html html = new Html();
                content(html, section, question);
                return Optional.of(html.toString());
            }
        }
        return Optional.empty();
    }

    /** A part that fails leaves the others alone. */
    private static void content(Html html, Section section, Question question) throws InterruptedException {
        Html inner = new Html();
        try {
            section.write(inner, question);
            html.append(inner);
        } catch (IOException e) {
            html.open("p")
                    .text("This can't be told now: ")
                    .foreign(String.valueOf(e.getMessage()))
                    .close();
        }
    }
}
