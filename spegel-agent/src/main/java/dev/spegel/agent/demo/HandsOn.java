package dev.spegel.agent.demo;

import dev.spegel.oci.Digest;
import dev.spegel.oci.Reference;
import dev.spegel.oci.TagReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Lines to paste into another terminal while the demo's nodes run. */
final class HandsOn {
    private HandsOn() {}

    /**
     * Returns the lines, and writes what they need.
     *
     * @param node the node whose mirror they use
     * @param directory where to put files
     */
    static List<String> linesFor(Reference image, DemoNode node, Path directory) throws IOException {
        Path hosts = writeHosts(image, node, directory.resolve("certs.d"));
        String object = image.digest().map(Digest::toString).or(image::tag).orElseThrow();
        String separator = image.digest().isPresent() ? "@" : ":";
        return List.of(
                "# the manifest, asked for as containerd does: the registry is in ns",
                "curl -i '%s/v2/%s/manifests/%s?ns=%s'"
                        .formatted(node.registry(), image.repository(), object, image.registry()),
                "# the whole image, for clients that know no ns: the registry is the first part of the name",
                "skopeo copy --src-tls-verify=false docker://%s/%s/%s%s%s oci:%s"
                        .formatted(
                                node.address(),
                                image.registry(),
                                image.repository(),
                                separator,
                                object,
                                directory.resolve("copy")),
                "# the whole image into containerd, where one runs",
                "sudo ctr images pull --hosts-dir %s %s".formatted(hosts, image),
                "# who has it, as the DHT tells this node",
                "curl -s '%s/debug/api/lookup?key=%s'"
                        .formatted(
                                node.metrics(),
                                image.toTag().map(TagReference::toString).orElse(object)),
                "# what the agent counts",
                "curl -s %s/metrics | grep ^spegel".formatted(node.metrics()));
    }

    /** containerd's docs/hosts.md: one directory a registry. Without a server of its own the image can come from here only. */
    private static Path writeHosts(Reference image, DemoNode node, Path hosts) throws IOException {
        Path registry = Files.createDirectories(hosts.resolve(image.registry()));
        Files.writeString(registry.resolve("hosts.toml"), """
                server = "%1$s"

                [host."%1$s"]
                capabilities = ["pull", "resolve"]
                """.formatted(node.registry()));
        return hosts;
    }
}
