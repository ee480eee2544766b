package dev.spegel.examples;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.ContentStore;
import dev.spegel.oci.store.StoreException;
import dev.spegel.testkit.ContentStoreContract;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

class FolderStoreTest extends ContentStoreContract {
    @TempDir
    private Path folder;

    private FolderStore folderStore() {
        return (FolderStore) store();
    }

    @Override
    protected ContentStore openStore(int maxQueuedEvents) throws StoreException {
        return new FolderStore(folder, maxQueuedEvents);
    }

    @Override
    protected void put(Digest digest, byte[] content) throws StoreException {
        folderStore().put(digest, content);
    }

    @Override
    protected void tag(TagReference tag, Descriptor target) {
        folderStore().tag(tag, Optional.of(target.digest()));
    }

    @Override
    protected void untag(TagReference tag) {
        folderStore().tag(tag, Optional.empty());
    }

    @Override
    protected void remove(Digest digest) throws StoreException {
        folderStore().remove(digest);
    }
}
