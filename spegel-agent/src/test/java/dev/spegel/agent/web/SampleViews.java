package dev.spegel.agent.web;

import dev.spegel.agent.inspect.ActivityView;
import dev.spegel.agent.inspect.HistoryReport;
import dev.spegel.agent.inspect.HistoryReport.Minute;
import dev.spegel.agent.inspect.ImagesReport;
import dev.spegel.agent.inspect.ImagesReport.ImageEntry;
import dev.spegel.agent.inspect.ImagesReport.Piece;
import dev.spegel.agent.inspect.ImagesRequest;
import dev.spegel.agent.inspect.LookupReport;
import dev.spegel.agent.inspect.LookupReport.FoundPeer;
import dev.spegel.agent.inspect.LookupRequest;
import dev.spegel.agent.inspect.NetworkView;
import dev.spegel.agent.inspect.NodeView;
import dev.spegel.agent.inspect.PeersReport;
import dev.spegel.agent.inspect.PeersReport.KnownPeer;
import dev.spegel.agent.inspect.PeersReport.Self;
import dev.spegel.agent.inspect.RequestsReport;
import dev.spegel.agent.inspect.RequestsReport.MirrorRequest;
import dev.spegel.agent.inspect.StatusReport;
import dev.spegel.agent.inspect.TagsReport;
import dev.spegel.agent.inspect.TagsReport.HeldBack;
import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.registry.PeerLoad;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** A node with a bit of everything, and names that should do harm. */
public final class SampleViews implements NetworkView, NodeView, ActivityView {
    /** Where it is run, the browser's title says so. */
    public static final String SCRIPT = "<script>document.title='run'</script>";

    public static final String IMAGE = "<img src=x onerror=\"document.title='run'\">";
    private static final String QUOTES = "\"'><svg onload=document.title='run'>";
    private static final String TURNED = "evil\u202Egnp.exe";
    private static final String LONG = "very-long-".repeat(500);

    private static Descriptor descriptor(String content, long sizeBytes) {
        return Descriptor.of(
                MediaType.OCI_LAYER_GZIP, Digest.ofSha256(content.getBytes(StandardCharsets.UTF_8)), sizeBytes);
    }

    private static KnownPeer peer(
            String id, String registry, Optional<String> zone, Optional<PeerLoad> load, Optional<Duration> quarantine) {
        return new KnownPeer(
                id,
                List.of("/ip4/10.0.0.7/tcp/5001"),
                List.of(registry),
                "spegel",
                Optional.of(Duration.ofMinutes(5)),
                Optional.empty(),
                true,
                zone,
                load,
                quarantine);
    }

    @Override
    public PeersReport peers() {
        return known();
    }

    @Override
    public PeersReport known() {
        PeerLoad busy = new PeerLoad(3, OptionalDouble.of(117.4 * 1024 * 1024), false, Optional.empty());
        PeerLoad slow = new PeerLoad(0, OptionalDouble.of(900_000), true, Optional.empty());
        PeerLoad full = new PeerLoad(1, OptionalDouble.empty(), false, Optional.of(Duration.ofSeconds(2)));
        return new PeersReport(
                new Self("libp2p", "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN", true, List.of()),
                6,
                List.of(
                        peer(
                                "12D3KooWJ8",
                                "10.0.0.8:5000",
                                Optional.of("eu-west-1a"),
                                Optional.of(busy),
                                Optional.empty()),
                        peer(
                                "12D3KooWJ9",
                                "10.0.0.9:5000",
                                Optional.of("eu-west-1b"),
                                Optional.of(slow),
                                Optional.empty()),
                        peer("12D3KooWJa", "[fd00::1]:5000", Optional.empty(), Optional.of(full), Optional.empty()),
                        peer(SCRIPT, IMAGE, Optional.of(QUOTES), Optional.empty(), Optional.of(Duration.ofSeconds(59))),
                        peer(TURNED, "10.0.0.10:5000", Optional.empty(), Optional.empty(), Optional.empty()),
                        peer(LONG, "10.0.0.11:5000", Optional.empty(), Optional.empty(), Optional.empty())));
    }

    @Override
    public LookupReport lookup(LookupRequest request) {
        return new LookupReport(
                request.key().text(),
                Duration.ofMillis(3),
                true,
                List.of(new FoundPeer(SCRIPT, List.of(IMAGE), Duration.ofMillis(2))));
    }

    @Override
    public StatusReport status() {
        return new StatusReport(
                "1.2.3",
                "0d5f3d34-4c8e-4a0a-8b1f-2f7f6f3c7e55",
                Duration.ofHours(49),
                "0.0.0.0:5000",
                false,
                Optional.of("containerd hasn't answered yet; " + SCRIPT),
                List.of("containerd: v2.1.4 " + IMAGE + ", connected"),
                new StatusReport.ContainerdRequests(
                        1234,
                        Optional.of(new StatusReport.LastRequest(Duration.ofSeconds(5), "containerd/" + SCRIPT))));
    }

    @Override
    public TagsReport tags() {
        return new TagsReport(
                17,
                List.of(),
                List.of(new HeldBack("docker.io/library/" + SCRIPT, "layer-missing", "a layer isn't here, " + IMAGE)));
    }

    @Override
    public ImagesReport images(ImagesRequest request) {
        List<ImageEntry> images = new ArrayList<>();
        for (String name : List.of(
                "docker.io/library/alpine:3.20", SCRIPT, IMAGE, QUOTES, TURNED, LONG, "ghcr.io/team/app:2026.11.24")) {
            boolean whole = !name.equals(IMAGE);
            Descriptor manifest = descriptor(name, 1234);
            Descriptor layer = descriptor("layer of " + name, 123_456_789);
            images.add(new ImageEntry(
                    name,
                    manifest,
                    List.of("linux/amd64"),
                    123_458_023,
                    2,
                    whole ? 2 : 1,
                    whole ? 2 : 1,
                    whole,
                    whole ? Optional.empty() : Optional.of(new HeldBack(name, "layer-missing", "a layer isn't here")),
                    List.of(new Piece("manifest", manifest, true, true), new Piece("layer", layer, whole, whole))));
        }
        return new ImagesReport(9, images, Optional.of(QUOTES));
    }

    private static MirrorRequest request(int second, String content, Optional<String> peer, Optional<String> whyNot) {
        return new MirrorRequest(
                "0123456789abcdef",
                Duration.ofSeconds(second),
                "GET",
                "blob",
                content,
                peer.isPresent(),
                peer,
                peer.isPresent() ? 200 : 404,
                123_456,
                Duration.ofMillis(123),
                whyNot);
    }

    @Override
    public RequestsReport requests() {
        String digest = "@" + Digest.ofSha256(new byte[0]);
        return new RequestsReport(
                4321,
                List.of(
                        request(1, "docker.io/library/alpine" + digest, Optional.of("10.0.0.8:5000"), Optional.empty()),
                        request(
                                2,
                                "ghcr.io/team/app" + digest,
                                Optional.of(IMAGE),
                                Optional.of("the body ended early")),
                        request(3, SCRIPT, Optional.empty(), Optional.of("no peer gave it: " + QUOTES)),
                        request(90, LONG, Optional.empty(), Optional.of(LONG))));
    }

    @Override
    public HistoryReport history() {
        List<Minute> minutes = new ArrayList<>();
        for (int i = 0; i < MINUTES; i++) {
            boolean quiet = i % 7 == 3;
            minutes.add(
                    quiet
                            ? new Minute(0, 0, 0, 0, 0)
                            : new Minute(i, 60 - i, (long) i * i * 10_000_000, (60L - i) * 5_000_000, 0));
        }
        return new HistoryReport(minutes);
    }
}
