package dev.spegel.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spegel.lab.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The file system of a container image, and how it wants to be started.
 *
 * @param root the files of all layers
 * @param environment as {@code NAME=value}
 */
record UnpackedImage(Path root, List<String> entrypoint, List<String> environment) {
    private static final ObjectMapper JSON = new ObjectMapper();

    UnpackedImage {
        entrypoint = List.copyOf(entrypoint);
        environment = List.copyOf(environment);
    }

    /**
     * Unpacks a file as {@code docker save} writes it. Whiteouts aren't looked for: the image has none.
     *
     * @param directory may not be there yet
     */
    static UnpackedImage of(Path tar, Path directory) throws IOException, InterruptedException {
        Path parts = Files.createDirectories(directory.resolve("parts"));
        Path root = Files.createDirectories(directory.resolve("root"));
        Command.run("tar", "-x", "-f", tar.toString(), "-C", parts.toString());
        JsonNode image = JSON.readTree(parts.resolve("manifest.json").toFile()).path(0);
        for (String layer : texts(image.path("Layers"))) {
            Command.run("tar", "-x", "-f", parts.resolve(layer).toString(), "-C", root.toString());
        }
        JsonNode config = JSON.readTree(
                        parts.resolve(image.path("Config").asText()).toFile())
                .path("config");
        return new UnpackedImage(root, texts(config.path("Entrypoint")), texts(config.path("Env")));
    }

    static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(element -> texts.add(element.asText()));
        return texts;
    }
}
