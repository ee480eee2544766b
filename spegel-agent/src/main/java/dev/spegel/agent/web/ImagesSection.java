package dev.spegel.agent.web;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.ImagesReport;
import dev.spegel.agent.inspect.ImagesReport.ImageEntry;
import dev.spegel.agent.inspect.ImagesReport.Piece;
import dev.spegel.agent.inspect.ImagesRequest;
import dev.spegel.agent.inspect.NodeView;
import java.io.IOException;

/** The node's images, a page of them, and which of their content is served and announced. */
final class ImagesSection implements Section {
    /** A page that is quick to read, for the agent as for people. */
    private static final int PAGE = 25;

    private final NodeView node;

    ImagesSection(NodeView node) {
        this.node = requireNonNull(node, "node");
    }

    @Override
    public String id() {
        return "images";
    }

    @Override
    public String title() {
        return "Images";
    }

    /** Their manifests are read each time. */
    @Override
    public int refreshSeconds() {
        return 30;
    }

    @Override
    public void write(Html html, Question question) throws IOException, InterruptedException {
        ImagesReport report = node.images(new ImagesRequest(question.imagesAfter(), PAGE, true));
        html.element(
                "p",
                Amounts.count(report.total(), "image", "images")
                        + (report.images().size() < report.total()
                                ? "; here are %d of them."
                                        .formatted(report.images().size())
                                : "."));
        if (!report.images().isEmpty()) {
            Tables.begin(html, "Images", "Image", "Size", "Served", "Announced", "State", "Content");
            for (int i = 0; i < report.images().size(); i++) {
                row(html, report.images().get(i), "image-content-" + i);
            }
            Tables.end(html);
        }
        if (report.next().isPresent() || !question.imagesAfter().isEmpty()) {
            html.open("p");
            if (!question.imagesAfter().isEmpty()) {
                html.element("a", "First page", "href", "./#images").text(" ");
            }
            report.next()
                    .ifPresent(name ->
                            html.element("a", "Next page", "href", "./" + Question.imagesAfter(name) + "#images"));
            html.close();
        }
    }

    private static void row(Html html, ImageEntry image, String id) {
        html.open("tr");
        html.open("th", "scope", "row", "class", "long").foreign(image.name());
        if (!image.platforms().isEmpty()) {
            html.foreign("small", String.join(", ", image.platforms()));
        }
        html.close();
        html.element("td", Amounts.bytes(image.sizeBytes()), "class", "number nowrap");
        html.element("td", image.served() + " of " + image.pieces(), "class", "number nowrap");
        html.element("td", image.announced() + " of " + image.pieces(), "class", "number nowrap");
        html.open("td");
        if (image.advertised()) {
            Tables.badge(html, Tables.Mood.GOOD, "advertised");
        } else {
            Tables.badge(html, Tables.Mood.MIDDLING, "held back");
            image.heldBack().ifPresent(held -> html.text(" ").foreign(held.why()));
        }
        html.close().open("td");
        html.open("details", "id", id)
                .element("summary", Amounts.count(image.contents().size(), "piece", "pieces"));
        html.open("ul", "class", "pieces");
        for (Piece piece : image.contents()) {
            piece(html, piece);
        }
        html.close().close().close().close();
    }

    private static void piece(Html html, Piece piece) {
        html.open("li");
        html.foreign(piece.role()).text(" ");
        html.foreign("code", piece.descriptor().digest().toString());
        html.text(", %s, %s, %s"
                .formatted(
                        Amounts.bytes(piece.descriptor().sizeBytes()),
                        piece.served() ? "served" : "not here",
                        piece.announced() ? "announced" : "not announced"));
        html.close();
    }
}
