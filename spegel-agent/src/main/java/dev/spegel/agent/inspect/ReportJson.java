package dev.spegel.agent.inspect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.spegel.agent.inspect.LookupReport.FoundPeer;
import dev.spegel.agent.inspect.PeersReport.KnownPeer;
import dev.spegel.agent.inspect.PeersReport.Self;
import dev.spegel.agent.inspect.StatusReport.LastRequest;
import dev.spegel.agent.inspect.TagsReport.HeldBack;
import dev.spegel.oci.Quoted;
import dev.spegel.registry.PeerLoad;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/** The reports as JSON. Times are in milliseconds, with fractions; what isn't known is left out. */
public final class ReportJson {
    static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private ReportJson() {}

    public static String write(PeersReport report) {
        ObjectNode root = JSON.createObjectNode();
        ObjectNode node = root.putObject("node");
        node.put("router", report.node().router());
        if (!report.node().id().isEmpty()) {
            node.put("id", report.node().id());
        }
        node.put("ready", report.node().ready());
        addAll(node.putArray("addresses"), report.node().addresses());
        root.put("known", report.known());
        ArrayNode peers = root.putArray("peers");
        report.peers().forEach(peer -> write(peer, peers.addObject()));
        return text(root);
    }

    /** {@code {"id":"12D3KooW…"}}, as the Go implementation serves it; a router without IDs has an empty one. */
    public static String metadata(Self node) {
        return JSON.createObjectNode().put("id", node.id()).toString();
    }

    private static void write(KnownPeer peer, ObjectNode json) {
        json.put("id", peer.id());
        addAll(json.putArray("addresses"), peer.addresses());
        addAll(json.putArray("registries"), peer.registries());
        if (!peer.agentVersion().isEmpty()) {
            json.put("agentVersion", peer.agentVersion());
        }
        peer.connectedFor().ifPresent(time -> json.put("connectedMillis", millis(time)));
        peer.roundTrip().ifPresent(time -> json.put("roundTripMillis", millis(time)));
        json.put("inTable", peer.inTable());
        peer.zone().ifPresent(zone -> json.put("zone", zone));
        peer.load().ifPresent(load -> {
            json.put("inFlight", load.inFlight());
            load.bytesPerSecond().ifPresent(rate -> json.put("bytesPerSecond", Math.round(rate)));
            json.put("avoided", load.avoided());
            load.busyFor().ifPresent(time -> json.put("busyMillis", millis(time)));
        });
        peer.quarantinedFor().ifPresent(time -> json.put("quarantinedMillis", millis(time)));
    }

    public static String write(LookupReport report) {
        ObjectNode root = JSON.createObjectNode();
        root.put("key", report.key());
        root.put("elapsedMillis", millis(report.elapsed()));
        root.put("ended", report.ended());
        ArrayNode peers = root.putArray("peers");
        for (FoundPeer peer : report.peers()) {
            ObjectNode json = peers.addObject();
            json.put("id", peer.id());
            addAll(json.putArray("registries"), peer.registries());
            json.put("foundMillis", millis(peer.after()));
        }
        return text(root);
    }

    public static String write(StatusReport report) {
        ObjectNode root = JSON.createObjectNode();
        root.put("version", report.version());
        root.put("instance", report.instance());
        root.put("uptimeMillis", millis(report.uptime()));
        root.put("registry", report.registry());
        root.put("tls", report.tls());
        report.notReadyBecause().ifPresent(reason -> root.put("notReadyBecause", reason));
        addAll(root.putArray("remarks"), report.remarks());
        ObjectNode containerd = root.putObject("containerd");
        containerd.put("requests", report.containerd().count());
        report.containerd().last().ifPresent(last -> {
            containerd.put("lastMillisAgo", millis(last.ago()));
            containerd.put("lastClient", last.client());
        });
        return text(root);
    }

    public static String write(TagsReport report) {
        ObjectNode root = JSON.createObjectNode();
        root.put("advertised", report.advertised());
        addAll(root.putArray("tags"), report.tags());
        ArrayNode heldBack = root.putArray("heldBack");
        for (HeldBack held : report.heldBack()) {
            heldBack.addObject()
                    .put("tag", held.tag())
                    .put("reason", held.reason())
                    .put("why", held.why());
        }
        return text(root);
    }

    /** @throws IOException if it is no such report */
    static StatusReport readStatus(byte[] json) throws IOException {
        JsonNode root = JSON.readTree(json);
        JsonNode containerd = field(root, "containerd");
        Optional<Duration> ago = time(containerd, "lastMillisAgo");
        Optional<LastRequest> last = Optional.empty();
        if (ago.isPresent()) {
            last = Optional.of(new LastRequest(ago.get(), text(containerd, "lastClient")));
        }
        return new StatusReport(
                text(root, "version"),
                text(root, "instance"),
                requiredTime(root, "uptimeMillis"),
                text(root, "registry"),
                root.path("tls").asBoolean(false),
                root.has("notReadyBecause") ? Optional.of(text(root, "notReadyBecause")) : Optional.empty(),
                root.has("remarks") ? texts(root, "remarks") : List.of(),
                new StatusReport.ContainerdRequests(
                        field(containerd, "requests").asLong(), last));
    }

    /** @throws IOException if it is no such report */
    static TagsReport readTags(byte[] json) throws IOException {
        JsonNode root = JSON.readTree(json);
        List<HeldBack> heldBack = new ArrayList<>();
        for (JsonNode held : array(root, "heldBack")) {
            heldBack.add(new HeldBack(text(held, "tag"), text(held, "reason"), text(held, "why")));
        }
        return new TagsReport(field(root, "advertised").asInt(), texts(root, "tags"), heldBack);
    }

    /** {@code {"error":"…"}}. */
    public static String writeError(String message) {
        return text(JSON.createObjectNode().put("error", message));
    }

    /** {@code {"level":"INFO"}}: how much an agent logs. */
    public static String writeLogLevel(String level) {
        return text(JSON.createObjectNode().put("level", level));
    }

    /** @throws IOException if it is no such report */
    static String readLogLevel(byte[] json) throws IOException {
        return text(JSON.readTree(json), "level");
    }

    /** @throws IOException if it is no such report */
    static PeersReport readPeers(byte[] json) throws IOException {
        JsonNode root = JSON.readTree(json);
        JsonNode node = field(root, "node");
        List<KnownPeer> peers = new ArrayList<>();
        for (JsonNode peer : array(root, "peers")) {
            peers.add(new KnownPeer(
                    text(peer, "id"),
                    texts(peer, "addresses"),
                    texts(peer, "registries"),
                    peer.path("agentVersion").asText(""),
                    time(peer, "connectedMillis"),
                    time(peer, "roundTripMillis"),
                    field(peer, "inTable").asBoolean(),
                    peer.has("zone") ? Optional.of(text(peer, "zone")) : Optional.empty(),
                    load(peer),
                    time(peer, "quarantinedMillis")));
        }
        Self self = new Self(
                text(node, "router"),
                node.path("id").asText(""),
                field(node, "ready").asBoolean(),
                texts(node, "addresses"));
        return new PeersReport(self, field(root, "known").asInt(), peers);
    }

    private static Optional<PeerLoad> load(JsonNode peer) throws IOException {
        return peer.has("inFlight")
                ? Optional.of(new PeerLoad(
                        field(peer, "inFlight").asInt(),
                        peer.has("bytesPerSecond")
                                ? OptionalDouble.of(
                                        field(peer, "bytesPerSecond").asDouble())
                                : OptionalDouble.empty(),
                        field(peer, "avoided").asBoolean(),
                        time(peer, "busyMillis")))
                : Optional.empty();
    }

    /** @throws IOException if it is no such report */
    static LookupReport readLookup(byte[] json) throws IOException {
        JsonNode root = JSON.readTree(json);
        List<FoundPeer> peers = new ArrayList<>();
        for (JsonNode peer : array(root, "peers")) {
            peers.add(new FoundPeer(text(peer, "id"), texts(peer, "registries"), requiredTime(peer, "foundMillis")));
        }
        return new LookupReport(
                text(root, "key"),
                requiredTime(root, "elapsedMillis"),
                field(root, "ended").asBoolean(),
                peers);
    }

    /** What {@link #writeError} was told; empty if it is something else. */
    static Optional<String> readError(byte[] json) {
        try {
            JsonNode error = JSON.readTree(json).path("error");
            return error.isTextual() ? Optional.of(error.asText()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    static JsonNode field(JsonNode parent, String name) throws IOException {
        JsonNode value = parent.path(name);
        if (value.isMissingNode() || value.isNull()) {
            throw new IOException("it has no field " + Quoted.of(name));
        }
        return value;
    }

    static JsonNode array(JsonNode parent, String name) throws IOException {
        JsonNode value = field(parent, name);
        if (!value.isArray()) {
            throw new IOException("its field %s is no array".formatted(Quoted.of(name)));
        }
        return value;
    }

    static String text(JsonNode parent, String name) throws IOException {
        return field(parent, name).asText();
    }

    static List<String> texts(JsonNode parent, String name) throws IOException {
        List<String> texts = new ArrayList<>();
        array(parent, name).forEach(entry -> texts.add(entry.asText()));
        return texts;
    }

    static Optional<Duration> time(JsonNode parent, String name) throws IOException {
        return parent.has(name) ? Optional.of(requiredTime(parent, name)) : Optional.empty();
    }

    static Duration requiredTime(JsonNode parent, String name) throws IOException {
        double millis = field(parent, name).asDouble(-1);
        if (!(millis >= 0 && millis < 1e15)) {
            throw new IOException("its field %s is no number of milliseconds".formatted(Quoted.of(name)));
        }
        return Duration.ofNanos((long) (millis * 1e6));
    }

    /** To the microsecond. */
    static double millis(Duration time) {
        return (double) TimeUnit.NANOSECONDS.toMicros(time.toNanos()) / 1e3;
    }

    static void addAll(ArrayNode array, List<String> texts) {
        texts.forEach(array::add);
    }

    static String text(JsonNode root) {
        try {
            return JSON.writeValueAsString(root);
        } catch (JsonProcessingException e) {
            throw new AssertionError("a tree of text and numbers can be written", e);
        }
    }
}
