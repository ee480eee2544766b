package dev.spegel.oci;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an image's config says of the image as content; how to run it is left out. OCI image-spec v1.1.1, config.md#properties.
 *
 * @param platform the machine that it runs on
 * @param diffIds the digests of the layers once decompressed, lowest first
 * @param created when it was built, if it tells
 */
public record ImageConfig(Platform platform, List<Digest> diffIds, Optional<Instant> created) {
    private static final String WHAT = "an image config";

    /** RFC 3339, section 5.6: a year has four digits. */
    private static final Instant EARLIEST = Instant.parse("0000-01-01T00:00:00Z");

    private static final Instant TOO_LATE = Instant.parse("+10000-01-01T00:00:00Z");

    /** @throws OciSyntaxException if the time of creation isn't in the years 0 to 9999 */
    public ImageConfig {
        requireNonNull(platform, "platform");
        requireNonNull(created, "created");
        diffIds = List.copyOf(diffIds);
        if (created.isPresent()
                && (created.get().isBefore(EARLIEST) || !created.get().isBefore(TOO_LATE))) {
            throw new OciSyntaxException(
                    ErrorCode.MANIFEST_INVALID, WHAT + " is from the years 0 to 9999, got " + created.get());
        }
    }

    /**
     * Reads a config. Fields that aren't ours are ignored.
     *
     * @throws OciSyntaxException MANIFEST_INVALID if this isn't an image's config, as that of another artifact isn't, or is larger
     *     than {@link StoredMediaType#MAX_DOCUMENT_BYTES}
     */
    public static ImageConfig parse(byte[] json) {
        return JsonInput.read(json, WHAT, in -> {
            Platform.Fields platform = new Platform.Fields();
            Fields fields = new Fields();
            in.eachField(name -> {
                switch (name) {
                    case "created" -> fields.created = in.optionalText().map(text -> instant(in, text));
                    case "rootfs" -> fields.diffIds = diffIds(in);
                    default -> platform.read(name, in);
                }
            });
            return new ImageConfig(
                    platform.toPlatform()
                            .orElseThrow(() -> in.refusal("the fields \"os\" and \"architecture\" are there")),
                    in.required(fields.diffIds, "rootfs"),
                    fields.created);
        });
    }

    /** Writes it: equal configs give equal bytes. How to run the image is not in it. */
    public byte[] toJson() {
        return JsonOutput.object(out -> {
            if (created.isPresent()) {
                out.writeStringField("created", created.get().toString());
            }
            platform.writeFields(out);
            out.writeObjectFieldStart("rootfs");
            out.writeStringField("type", "layers");
            out.writeArrayFieldStart("diff_ids");
            for (Digest diffId : diffIds) {
                out.writeString(diffId.toString());
            }
            out.writeEndArray();
            out.writeEndObject();
        });
    }

    private static List<Digest> diffIds(JsonInput in) throws IOException {
        Fields fields = new Fields();
        in.eachField(name -> {
            if (name.equals("diff_ids")) {
                fields.diffIds = in.list(digest -> Digest.parse(digest.text()));
            } else {
                in.skip();
            }
        });
        return in.required(fields.diffIds, "diff_ids");
    }

    /** RFC 3339, section 5.6. */
    private static Instant instant(JsonInput in, String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw in.refusal("a time as in RFC 3339 is expected, got " + Quoted.of(text));
        }
    }

    private static final class Fields {
        private @Nullable List<Digest> diffIds;
        private Optional<Instant> created = Optional.empty();
    }
}
