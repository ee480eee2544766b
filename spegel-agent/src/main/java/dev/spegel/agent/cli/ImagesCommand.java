package dev.spegel.agent.cli;

import dev.spegel.agent.cli.Subcommand.FlagGroup;
import dev.spegel.agent.console.Style;
import dev.spegel.agent.console.Table;
import dev.spegel.agent.console.Text;
import dev.spegel.agent.inspect.ImagesJson;
import dev.spegel.agent.inspect.ImagesReport;
import dev.spegel.agent.inspect.ImagesReport.ImageEntry;
import dev.spegel.agent.inspect.ImagesReport.Piece;
import dev.spegel.agent.inspect.ImagesRequest;
import dev.spegel.oci.Digest;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code spegel images}. */
final class ImagesCommand {
    /** More than any node holds; a row of the table and its data take about a kilobyte of this process. */
    static final int MOST_IMAGES = 10_000;

    /** With {@code --blobs}: some 30 MiB of this process, whose heap is small. */
    private static final int MOST_PIECES = 50_000;

    /** Enough to tell digests apart. */
    private static final int DIGEST_CHARS = 12;

    private static final Flag MAX_IMAGES = Flag.one(
                    "--max-images", "COUNT", "Stop after so many, %d at most.".formatted(MOST_IMAGES))
            .withDefault("1000");
    private static final Flag BLOBS = Flag.bool("--blobs", "Name each image's manifests, configs and layers, too.");

    private ImagesCommand() {}

    static Subcommand of() {
        return new Subcommand(
                "images",
                "List the images that a node has, and what of them it serves and announces.",
                List.of(
                        "",
                        "SERVED counts the manifests, configs and layers that are here, and so given to whoever asks;"
                                + " ANNOUNCED those that the network was told of. An image that isn't announced by name says why."),
                List.of(new FlagGroup("Flags", List.of(MAX_IMAGES, BLOBS, AskedAgent.AGENT_ADDR, ViewFlags.OUTPUT))),
                List.of("spegel images", "spegel images --agent-addr 10.0.0.7:9090 --blobs --output json"),
                ImagesCommand::run);
    }

    private static int run(Settings settings, Surroundings surroundings) throws Exception {
        LogSettings logs = LogSettings.readForPeople(settings);
        int maxImages = settings.value(MAX_IMAGES, ImagesCommand::maxImages);
        boolean blobs = settings.optional(BLOBS, GoSyntax::bool).orElse(false);
        boolean json = settings.value(ViewFlags.OUTPUT, ViewFlags::isJson);
        AskedAgent agent = AskedAgent.read(settings);
        settings.requireNoProblems();
        logs.writeTo(surroundings.err());
        ImagesReport report = Interruption.under(surroundings, () -> readAll(agent, maxImages, blobs));
        if (json) {
            surroundings.out().println(ImagesJson.write(report));
        } else {
            surroundings.out().println(agent.sentence() + ".");
            print(report, surroundings.out(), surroundings.style());
        }
        return ExitCode.OK;
    }

    private static int maxImages(String text) {
        int count = GoSyntax.positiveInt(text);
        if (count > MOST_IMAGES) {
            throw new IllegalArgumentException("at most %d can be listed, got %d".formatted(MOST_IMAGES, count));
        }
        return count;
    }

    /** Page by page. A page that doesn't come back within the limit of a request ends it. */
    private static ImagesReport readAll(AskedAgent agent, int maxImages, boolean blobs)
            throws IOException, InterruptedException {
        List<ImageEntry> images = new ArrayList<>();
        Optional<String> next = Optional.of("");
        int total = 0;
        int pieces = 0;
        while (next.isPresent() && images.size() < maxImages && pieces < MOST_PIECES) {
            int wanted = Math.min(ImagesRequest.MAX_IMAGES, maxImages - images.size());
            ImagesRequest request = new ImagesRequest(next.get(), wanted, blobs);
            ImagesReport page = agent.ask(view -> view.images(request));
            if (page.images().isEmpty() && page.next().isPresent()) {
                throw new IOException("the agent at %s gives an empty page".formatted(agent.address()));
            }
            images.addAll(page.images());
            pieces += page.images().stream()
                    .mapToInt(image -> image.contents().size())
                    .sum();
            total = page.total();
            next = page.next();
        }
        return new ImagesReport(total, images, next);
    }

    private static void print(ImagesReport report, PrintStream out, Style style) {
        if (report.images().isEmpty()) {
            out.println("It has no images.");
            return;
        }
        Table table = new Table(4);
        table.row("IMAGE", "DIGEST", "PLATFORMS", "ADVERTISED", "SERVED", "ANNOUNCED", "SIZE HERE");
        report.images().forEach(image -> table.row(row(image)));
        table.lines(style).forEach(out::println);
        for (ImageEntry image : report.images()) {
            if (!image.contents().isEmpty()) {
                out.println();
                out.println(style.bold(Table.printable(image.name())));
                pieces(image).lines().forEach(line -> out.println("  " + line));
            }
        }
        report.images().stream()
                .flatMap(image -> image.heldBack().stream())
                .forEach(held -> out.println(
                        style.yellow(Table.printable("%s isn't advertised: %s.".formatted(held.tag(), held.why())))));
        int left = report.total() - report.images().size();
        out.printf(
                "%d %s%s.%n",
                report.total(),
                report.total() == 1 ? "image" : "images",
                left > 0 ? ", %d of them not shown; --max-images shows more".formatted(left) : "");
    }

    private static String[] row(ImageEntry image) {
        return new String[] {
            image.name(),
            shortened(image.target().digest()),
            image.platforms().isEmpty() ? "-" : String.join(", ", image.platforms()),
            image.advertised()
                    ? "yes"
                    : image.heldBack().map(held -> held.reason()).orElse("no"),
            image.served() + "/" + image.pieces(),
            image.announced() + "/" + image.pieces(),
            Text.size(image.sizeBytes())
        };
    }

    private static Table pieces(ImageEntry image) {
        Table table = new Table(4);
        for (Piece piece : image.contents()) {
            table.row(
                    piece.role(),
                    piece.descriptor().digest().toString(),
                    piece.served() ? "served" : "not here",
                    piece.announced() ? "announced" : "not announced",
                    Text.size(piece.descriptor().sizeBytes()));
        }
        return table;
    }

    /** The begin of a digest, for tables. */
    static String shortened(Digest digest) {
        return digest.algorithm() + ":" + digest.encoded().substring(0, DIGEST_CHARS);
    }
}
