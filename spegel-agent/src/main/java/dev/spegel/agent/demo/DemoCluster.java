package dev.spegel.agent.demo;

import dev.spegel.agent.BootstrapConfig;
import dev.spegel.agent.Listeners;
import dev.spegel.agent.demo.DemoResult.NodePull;
import dev.spegel.agent.pull.LayoutTarget;
import dev.spegel.agent.pull.ManifestChoice;
import dev.spegel.agent.pull.PullClient;
import dev.spegel.agent.pull.PullLimits;
import dev.spegel.agent.pull.PullProgress;
import dev.spegel.agent.pull.PullReport;
import dev.spegel.oci.store.OciLayoutWriter;
import dev.spegel.oci.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The demo's nodes, the first of which has the image, and the directory they live in. */
final class DemoCluster implements AutoCloseable {
    private static final int NODES = 3;

    /** One blob at a time, so that each row of the table has a time of its own. */
    private static final PullLimits ONE_BY_ONE = new PullLimits(
            PullLimits.DEFAULTS.connect(), PullLimits.DEFAULTS.stall(), PullLimits.DEFAULTS.attempts(), 1);

    private final Workspace workspace;
    private final List<DemoNode> nodes;
    private final StoredImage image;

    /** How many nodes had the image before the last pull; the first has it from the start. */
    private int holders;

    private DemoCluster(Workspace workspace, List<DemoNode> nodes, StoredImage image) {
        this.workspace = workspace;
        this.nodes = List.copyOf(nodes);
        this.image = image;
    }

    /** Puts the image on the first node, starts all, and waits until they have met. */
    static DemoCluster start(DemoImage image) throws IOException, InterruptedException {
        Workspace workspace = Workspace.create();
        List<AutoCloseable> toClose = new ArrayList<>(List.of(workspace));
        try {
            List<Path> layouts = new ArrayList<>();
            List<Listeners> listeners = new ArrayList<>();
            for (int number = 1; number <= NODES; number++) {
                layouts.add(Files.createDirectory(workspace.directory().resolve("node-" + number)));
                Listeners bound = DemoNode.listen();
                toClose.add(bound);
                listeners.add(bound);
            }
            StoredImage stored;
            try (OciLayoutWriter writer = OciLayoutWriter.open(layouts.get(0))) {
                stored = image.writeTo(writer);
            }
            for (Path empty : layouts.subList(1, NODES)) {
                try (OciLayoutWriter writer = OciLayoutWriter.open(empty)) {
                    writer.commit();
                }
            }
            List<DemoNode> nodes = new ArrayList<>();
            for (int i = 0; i < NODES; i++) {
                BootstrapConfig bootstrap =
                        i == 0 ? new BootstrapConfig.Nobody() : nodes.get(0).asBootstrap();
                DemoNode node = DemoNode.start("node-" + (i + 1), layouts.get(i), listeners.get(i), bootstrap);
                toClose.add(node);
                nodes.add(node);
            }
            for (DemoNode node : nodes) {
                node.awaitReady();
            }
            return new DemoCluster(workspace, nodes, stored);
        } catch (IOException | InterruptedException | RuntimeException e) {
            closeInReverse(toClose, e);
            throw e;
        }
    }

    StoredImage image() {
        return image;
    }

    List<DemoNode> nodes() {
        return nodes;
    }

    /** The one that has the image from the start. */
    DemoNode source() {
        return nodes.get(0);
    }

    Path directory() {
        return workspace.directory();
    }

    /**
     * Pulls the image through a node's own mirror into its store, and waits until the node serves it. Begins once the node can find all
     * that have the image by now, as it would in a cluster, where nobody pulls the moment after.
     */
    NodePull pullOn(DemoNode node, PullProgress progress) throws IOException, InterruptedException {
        node.awaitFinding(image.name(), ++holders);
        PullReport report;
        try (OciLayoutWriter writer = OciLayoutWriter.open(node.layout());
                PullClient client = new PullClient(node.registry(), ONE_BY_ONE)) {
            // An index may name platforms that the image's owner doesn't have.
            report = client.pull(
                    image.name(), ManifestChoice.those(source()::hasBlob), new LayoutTarget(writer), progress);
            node.awaitServing(image.name(), client);
        }
        Map<String, String> names =
                nodes.stream().collect(Collectors.toMap(each -> each.address().toString(), DemoNode::name));
        return new NodePull(node.name(), report, names);
    }

    @Override
    public void close() throws IOException {
        List<AutoCloseable> parts = new ArrayList<>(List.of(workspace));
        parts.addAll(nodes);
        IOException failure = new IOException("the demo's nodes don't end well");
        closeInReverse(parts, failure);
        if (failure.getSuppressed().length > 0) {
            throw failure;
        }
    }

    /** Also if this thread was interrupted: whoever stops the demo wants it to leave nothing behind. */
    private static void closeInReverse(List<AutoCloseable> parts, Exception failure) {
        boolean interrupted = Thread.interrupted();
        for (int i = parts.size() - 1; i >= 0; i--) {
            try {
                parts.get(i).close();
            } catch (Exception e) {
                failure.addSuppressed(e);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
