package dev.spegel.testkit;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.Reference;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.ContentStore;
import dev.spegel.oci.store.OciLayoutStore;
import dev.spegel.oci.store.OciLayoutWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

class OciLayoutStoreTest extends ContentStoreContract {
    /** Longer than any test may take, so that what they see comes from watching, not from looking again. */
    private static final Duration NO_RESCAN = Duration.ofHours(1);

    private final ExecutorService watchers = Executors.newCachedThreadPool();

    @TempDir
    private Path layout;

    @AfterEach
    void stopWatchers() {
        watchers.shutdownNow();
    }

    @Override
    protected ContentStore openStore(int maxQueuedEvents) throws Exception {
        OciLayoutWriter.open(layout).close();
        return OciLayoutStore.open(
                layout, watchers, new OciLayoutStore.Settings(NO_RESCAN, Duration.ofSeconds(2), maxQueuedEvents));
    }

    @Override
    protected void put(Digest digest, byte[] content) throws Exception {
        Path directory = Files.createDirectories(
                layout.resolve("blobs").resolve(digest.algorithm().toString()));
        Path written = Files.write(layout.resolve("being-written"), content);
        Files.move(written, directory.resolve(digest.encoded()), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    protected void tag(TagReference tag, Descriptor target) throws Exception {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            writer.name(name(tag), target);
            writer.commit();
        }
    }

    @Override
    protected void untag(TagReference tag) throws Exception {
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            writer.unname(name(tag));
            writer.commit();
        }
    }

    @Override
    protected void remove(Digest digest) throws Exception {
        Files.delete(
                layout.resolve("blobs").resolve(digest.algorithm().toString()).resolve(digest.encoded()));
    }

    private static Reference name(TagReference tag) {
        return new Reference(tag.registry(), tag.repository(), Optional.of(tag.tag()), Optional.empty());
    }
}
