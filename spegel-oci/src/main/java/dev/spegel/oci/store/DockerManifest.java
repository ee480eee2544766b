package dev.spegel.oci.store;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.spegel.oci.ErrorCode;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.Reference;
import dev.spegel.oci.StoredMediaType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One image in the {@code manifest.json} that {@code docker save} writes: moby's image specification v1.2, "Combined Image JSON +
 * Filesystem Changeset Format".
 *
 * @param config a path in the archive
 * @param repoTags names as Docker writes them, so without a registry for its own
 * @param layers paths in the archive, the lowest layer first
 */
record DockerManifest(String config, List<String> repoTags, List<String> layers) {
    /** The document is 3 deep; the rest is for fields that we skip. */
    private static final int MAX_DEPTH = 32;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxDocumentLength(StoredMediaType.MAX_DOCUMENT_BYTES)
                    .maxNestingDepth(MAX_DEPTH)
                    .build())
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    DockerManifest {
        repoTags = List.copyOf(repoTags);
        layers = List.copyOf(layers);
        if (config.isEmpty()) {
            throw refusal("an image has the field \"Config\"", null);
        }
    }

    /** @throws OciSyntaxException if this isn't a list of images */
    static List<DockerManifest> parseAll(byte[] json) {
        try (JsonParser in = FACTORY.createParser(json)) {
            require(in.nextToken(), JsonToken.START_ARRAY);
            List<DockerManifest> images = new ArrayList<>();
            while (in.nextToken() != JsonToken.END_ARRAY) {
                require(in.currentToken(), JsonToken.START_OBJECT);
                images.add(parse(in));
            }
            return images;
        } catch (IOException e) {
            throw refusal("it is JSON", e);
        }
    }

    private static DockerManifest parse(JsonParser in) throws IOException {
        String config = "";
        List<String> repoTags = List.of();
        List<String> layers = List.of();
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String field = in.currentName();
            JsonToken value = in.nextToken();
            switch (field) {
                case "Config" -> {
                    require(value, JsonToken.VALUE_STRING);
                    config = in.getText();
                }
                case "RepoTags" -> repoTags = texts(in);
                case "Layers" -> layers = texts(in);
                default -> in.skipChildren();
            }
        }
        return new DockerManifest(config, repoTags, layers);
    }

    /** An image without a tag has {@code null} for the list. */
    private static List<String> texts(JsonParser in) throws IOException {
        List<String> texts = new ArrayList<>();
        if (in.currentToken() != JsonToken.VALUE_NULL) {
            require(in.currentToken(), JsonToken.START_ARRAY);
            while (in.nextToken() != JsonToken.END_ARRAY) {
                require(in.currentToken(), JsonToken.VALUE_STRING);
                texts.add(in.getText());
            }
        }
        return texts;
    }

    /** @throws OciSyntaxException if one isn't a reference */
    List<Reference> names() {
        return repoTags.stream().map(Reference::parseLenient).toList();
    }

    private static void require(@Nullable JsonToken found, JsonToken expected) {
        if (found != expected) {
            throw refusal("%s is expected, got %s".formatted(expected, found), null);
        }
    }

    private static OciSyntaxException refusal(String rule, @Nullable Throwable cause) {
        String message =
                "the manifest.json of docker save is a list of images, each with \"Config\" and \"Layers\": " + rule;
        return cause == null
                ? new OciSyntaxException(ErrorCode.MANIFEST_INVALID, message)
                : new OciSyntaxException(ErrorCode.MANIFEST_INVALID, message, cause);
    }
}
