package dev.spegel.containerd;

import static org.awaitility.Awaitility.await;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.ContentStore;
import dev.spegel.testkit.ContentStoreContract;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The contract, with a real containerd that is filled over its socket. One for all tests of a class, empty between them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ContainerdStoreContract extends ContentStoreContract {
    private static final String NAMESPACE = "k8s.io";

    private final ContainerdRelease release;
    private final ExecutorService tasks = Executors.newCachedThreadPool();
    private ContainerdDaemon daemon;
    private ContainerdFiller filler;

    ContainerdStoreContract(ContainerdRelease release) {
        this.release = release;
    }

    /** How the store under test reads this containerd. */
    abstract ContainerdConfig config(ContainerdDaemon running);

    @BeforeAll
    void startContainerd(@TempDir Path directory) throws Exception {
        release.assumeUsable();
        daemon = ContainerdDaemon.in(directory, release).start();
        filler = new ContainerdFiller(daemon, NAMESPACE);
    }

    @AfterEach
    void empty() {
        filler.empty();
    }

    @AfterAll
    void stopContainerd() throws Exception {
        tasks.shutdownNow();
        if (daemon != null) {
            filler.close();
            daemon.close();
        }
    }

    @Override
    protected ContentStore openStore(int maxQueuedEvents) {
        ContainerdStore store = ContainerdStore.open(config(daemon).withMaxQueuedEvents(maxQueuedEvents), tasks);
        await().pollInterval(Duration.ofMillis(2)).until(() -> store.status().ready());
        return store;
    }

    @Override
    protected void put(Digest digest, byte[] content) throws Exception {
        filler.put(digest, content);
    }

    @Override
    protected void tag(TagReference tag, Descriptor target) {
        filler.name(tag.toString(), target);
    }

    @Override
    protected void untag(TagReference tag) {
        filler.unname(tag.toString());
    }

    @Override
    protected void remove(Digest digest) {
        filler.remove(digest);
    }

    @Override
    @Test
    @Disabled("containerd hashes what is written with SHA-256 and takes nothing else")
    public void contentMayHaveASha512Digest() {}
}
