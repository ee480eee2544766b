package dev.spegel.agent.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.Reference;
import dev.spegel.oci.store.GeneratedImage;
import dev.spegel.oci.store.OciLayoutWriter;
import dev.spegel.oci.store.StoreException;
import dev.spegel.testkit.SampleImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Layouts for agents to serve, and the check of what clients made of them. */
final class Layouts {
    /** A name at which nothing but our agents can answer: RFC 2606, section 2. */
    static final Reference NAME = Reference.parse("registry.example/samples/app:1.0");

    private Layouts() {}

    /** Adds the image to a layout, under {@link #NAME}. */
    static void write(Path layout, SampleImage image) throws StoreException {
        write(layout, image, NAME);
    }

    /** Adds the image to a layout. */
    static void write(Path layout, SampleImage image, Reference name) throws StoreException {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            for (Descriptor content : image.content()) {
                writer.add(content.mediaType(), image.bytes(content.digest()));
            }
            writer.name(name, image.target());
            writer.commit();
        }
    }

    /** A layout that has an image of one layer, uncompressed and of a few KiB more than this, under {@link #NAME}. */
    static LargeImage writeLarge(Path layout, long seed, long layerBytes) throws IOException {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            Descriptor target = GeneratedImage.of(seed, 1, layerBytes).writeTo(writer);
            writer.name(NAME, target);
            writer.commit();
            try (InputStream json = writer.read(target.digest()).orElseThrow()) {
                ImageManifest manifest = ImageManifest.parse(json.readAllBytes());
                return new LargeImage(
                        target, manifest.config(), manifest.layers().get(0));
            }
        }
    }

    /** Checks that the content is there under its digests, nothing else is, and every byte is right. */
    static void assertBlobs(Path directory, Set<Digest> expected) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            Set<String> names = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("[0-9a-f]{64}"))
                    .collect(Collectors.toSet());
            assertThat(names).isEqualTo(expected.stream().map(Digest::encoded).collect(Collectors.toSet()));
        }
        for (Digest digest : expected) {
            assertThat(sha256(directory.resolve(digest.encoded()))).isEqualTo(digest);
        }
    }

    static Digest sha256(Path file) throws IOException {
        MessageDigest hash = Digest.Algorithm.SHA256.newMessageDigest();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), hash)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return Digest.of(Digest.Algorithm.SHA256, hash.digest());
    }

    /** An image whose layer takes long enough that things can happen meanwhile. */
    record LargeImage(Descriptor manifest, Descriptor config, Descriptor layer) {
        Reference byDigest() {
            return new Reference(NAME.registry(), NAME.repository(), Optional.empty(), Optional.of(manifest.digest()));
        }
    }
}
