package dev.spegel.agent.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.spegel.agent.inspect.ImagesReport.ImageEntry;
import dev.spegel.agent.inspect.ImagesReport.Piece;
import dev.spegel.agent.inspect.TagsReport.HeldBack;
import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.OciSyntaxException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@link ImagesReport} as JSON. What isn't known, or wasn't asked for, is left out. */
public final class ImagesJson {
    private ImagesJson() {}

    public static String write(ImagesReport report) {
        ObjectNode root = ReportJson.JSON.createObjectNode();
        root.put("total", report.total());
        report.next().ifPresent(name -> root.put("next", name));
        ArrayNode images = root.putArray("images");
        report.images().forEach(image -> write(image, images.addObject()));
        return ReportJson.text(root);
    }

    private static void write(ImageEntry image, ObjectNode json) {
        json.put("name", image.name());
        write(image.target(), json);
        ReportJson.addAll(json.putArray("platforms"), image.platforms());
        json.put("contentBytes", image.sizeBytes());
        json.put("pieces", image.pieces());
        json.put("served", image.served());
        json.put("announced", image.announced());
        json.put("advertised", image.advertised());
        image.heldBack()
                .ifPresent(held ->
                        json.putObject("heldBack").put("reason", held.reason()).put("why", held.why()));
        if (!image.contents().isEmpty()) {
            ArrayNode contents = json.putArray("contents");
            for (Piece piece : image.contents()) {
                ObjectNode one = contents.addObject();
                one.put("role", piece.role());
                write(piece.descriptor(), one);
                one.put("served", piece.served());
                one.put("announced", piece.announced());
            }
        }
    }

    private static void write(Descriptor descriptor, ObjectNode json) {
        json.put("digest", descriptor.digest().toString());
        json.put("mediaType", descriptor.mediaType().value());
        json.put("sizeBytes", descriptor.sizeBytes());
    }

    /** @throws IOException if it is no such report */
    static ImagesReport read(byte[] json) throws IOException {
        JsonNode root = ReportJson.JSON.readTree(json);
        List<ImageEntry> images = new ArrayList<>();
        try {
            for (JsonNode image : ReportJson.array(root, "images")) {
                images.add(readImage(image));
            }
        } catch (OciSyntaxException e) {
            throw new IOException(e.getMessage(), e);
        }
        Optional<String> next = root.has("next") ? Optional.of(ReportJson.text(root, "next")) : Optional.empty();
        return new ImagesReport(ReportJson.field(root, "total").asInt(), images, next);
    }

    private static ImageEntry readImage(JsonNode image) throws IOException {
        String name = ReportJson.text(image, "name");
        Optional<HeldBack> heldBack = Optional.empty();
        if (image.has("heldBack")) {
            JsonNode held = image.get("heldBack");
            heldBack = Optional.of(new HeldBack(name, ReportJson.text(held, "reason"), ReportJson.text(held, "why")));
        }
        List<Piece> contents = new ArrayList<>();
        for (JsonNode piece : image.path("contents")) {
            contents.add(new Piece(
                    ReportJson.text(piece, "role"),
                    descriptor(piece),
                    ReportJson.field(piece, "served").asBoolean(),
                    ReportJson.field(piece, "announced").asBoolean()));
        }
        return new ImageEntry(
                name,
                descriptor(image),
                ReportJson.texts(image, "platforms"),
                ReportJson.field(image, "contentBytes").asLong(),
                ReportJson.field(image, "pieces").asInt(),
                ReportJson.field(image, "served").asInt(),
                ReportJson.field(image, "announced").asInt(),
                ReportJson.field(image, "advertised").asBoolean(),
                heldBack,
                contents);
    }

    private static Descriptor descriptor(JsonNode json) throws IOException {
        return Descriptor.of(
                new MediaType(ReportJson.text(json, "mediaType")),
                Digest.parse(ReportJson.text(json, "digest")),
                ReportJson.field(json, "sizeBytes").asLong(-1));
    }
}
