package dev.spegel.oci.store;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.Reference;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** Layouts with an image in them, for tests that then spoil something. */
final class Layouts {
    static final Reference NAME = Reference.parse("registry.example/app:1.0");

    private Layouts() {}

    /** Writes a generated image under {@link #NAME} and returns its manifest. */
    static Descriptor writeImage(Path layout, int layers, long totalBytes) throws IOException {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            Descriptor target = GeneratedImage.of(42, layers, totalBytes).writeTo(writer);
            writer.name(NAME, target);
            writer.commit();
            return target;
        }
    }

    static ImageManifest manifest(Path layout, Descriptor target) throws IOException {
        return ImageManifest.parse(Files.readAllBytes(blob(layout, target.digest())));
    }

    static Path blob(Path layout, Digest digest) {
        return new LayoutPaths(layout).blob(digest);
    }

    /** The names of all blobs, and so also of those that shouldn't be there. */
    static List<String> blobs(Path layout) throws IOException {
        try (Stream<Path> files = Files.list(layout.resolve("blobs/sha256"))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    /** Makes everything in the layout as old as a scan at {@code now} takes for settled. */
    static void age(Path layout, Instant now) throws IOException {
        try (Stream<Path> files = Files.walk(layout)) {
            for (Path file : files.filter(f -> !Files.isSymbolicLink(f)).toList()) {
                Files.setLastModifiedTime(file, FileTime.from(now.minusSeconds(60)));
            }
        }
    }

    static byte[] readAll(OciLayoutWriter writer, Digest digest) throws IOException {
        try (InputStream in = writer.read(digest).orElseThrow()) {
            return in.readAllBytes();
        }
    }
}
