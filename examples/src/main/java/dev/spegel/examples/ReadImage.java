package dev.spegel.examples;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.Reference;
import dev.spegel.oci.store.GeneratedImage;
import dev.spegel.oci.store.OciLayoutStore;
import dev.spegel.oci.store.OciLayoutWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Reads an image in an OCI layout: which layers it has, and whether they are what their digests say. */
public final class ReadImage {
    private static final Reference IMAGE = Reference.parse("registry.example/demo/app:1.0");

    private ReadImage() {}

    /** Reads from the layout directory that is the first argument, or from a new one; first puts an image into it. */
    public static void main(String[] arguments) throws Exception {
        Path layout = arguments.length > 0 ? Path.of(arguments[0]) : Files.createTempDirectory("layout-");
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            writer.name(IMAGE, GeneratedImage.of(1, 2, 1_000_000).writeTo(writer));
            writer.commit();
        }
        ExecutorService watcher = Executors.newSingleThreadExecutor();
        try (OciLayoutStore store = OciLayoutStore.open(layout, watcher)) {
            Digest target = store.resolve(IMAGE.toTag().orElseThrow()).orElseThrow();
            ImageManifest manifest = ImageManifest.parse(read(store, target));
            for (Descriptor layer : manifest.layers()) {
                boolean whole = layer.digest().matches(read(store, layer.digest()));
                System.out.printf("%s: %d bytes, %s%n", layer.digest(), layer.sizeBytes(), whole ? "whole" : "damaged");
            }
        } finally {
            watcher.shutdownNow();
        }
    }

    private static byte[] read(OciLayoutStore store, Digest digest) throws IOException {
        try (SeekableByteChannel channel = store.open(digest).orElseThrow();
                InputStream bytes = Channels.newInputStream(channel)) {
            return bytes.readAllBytes();
        }
    }
}
