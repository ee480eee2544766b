package dev.spegel.agent.demo;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.console.Style;
import dev.spegel.agent.demo.DemoResult.NodePull;
import dev.spegel.agent.pull.ProgressLine;
import dev.spegel.agent.pull.PullProgress;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Three agents on loopback, each with its own store; an image on the first, pulled through the third's mirror and then through the
 * second's. Nothing is staged: the agents are those that {@code spegel registry} runs, they find each other's content in a DHT of their
 * own, and who sent what is what their answers say.
 *
 * @param image what travels
 * @param format how to tell of it
 * @param keep whether to leave the nodes running afterwards, until {@link Stay} returns
 */
public record Demo(DemoImage image, Format format, boolean keep) {
    public Demo {
        requireNonNull(image, "image");
        requireNonNull(format, "format");
    }

    /** For people, step by step, or for programs, at the end. */
    public enum Format {
        TEXT,
        JSON
    }

    /** Waits until the nodes may go. */
    @FunctionalInterface
    public interface Stay {
        void await() throws InterruptedException;
    }

    /**
     * Runs the whole demo.
     *
     * @param onTerminal whether {@code out} can show progress in place
     * @param style how headings look there
     * @throws IOException if a node or a pull fails
     * @throws InterruptedException if interrupted; everything is undone then too
     */
    public void run(PrintStream out, boolean onTerminal, Style style, Stay stay)
            throws IOException, InterruptedException {
        PrintStream text = format == Format.TEXT ? out : new PrintStream(PrintStream.nullOutputStream());
        text.println(
                image.introduction() + ", and starting three nodes, each with an agent and a store of its own ...");
        try (DemoCluster cluster = DemoCluster.start(image)) {
            DemoText.nodes(cluster).forEach(text::println);
            List<NodePull> pulls = new ArrayList<>();
            for (DemoNode node : List.of(cluster.nodes().get(2), cluster.nodes().get(1))) {
                text.printf("%n%s pulls the image through its own agent%n", node.name());
                NodePull pull = pull(cluster, node, text, onTerminal && format == Format.TEXT);
                DemoText.table(pull, style).forEach(text::println);
                pulls.add(pull);
            }
            DemoResult result =
                    new DemoResult(cluster.image().name(), cluster.source().name(), pulls);
            text.printf("%nWhat just happened%n");
            DemoText.summary(result).forEach(text::println);
            if (format == Format.JSON) {
                out.println(DemoJson.of(result));
            }
            if (keep) {
                text.printf("%nThe nodes run until you press Ctrl-C. Meanwhile, in another terminal:%n");
                HandsOn.linesFor(result.image(), cluster.nodes().get(1), cluster.directory())
                        .forEach(text::println);
                stay.await();
            }
        }
    }

    private static NodePull pull(DemoCluster cluster, DemoNode node, PrintStream text, boolean progress)
            throws IOException, InterruptedException {
        if (!progress) {
            return cluster.pullOn(node, PullProgress.NONE);
        }
        try (ProgressLine line = new ProgressLine(text, System::nanoTime)) {
            return cluster.pullOn(node, line);
        }
    }
}
