package dev.spegel.testkit;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.ContentStore;
import dev.spegel.oci.store.MemoryStore;

class MemoryStoreTest extends ContentStoreContract {
    private MemoryStore memory = new MemoryStore();

    @Override
    protected ContentStore openStore(int maxQueuedEvents) {
        memory = new MemoryStore(maxQueuedEvents);
        return memory;
    }

    @Override
    protected void put(Digest digest, byte[] content) {
        memory.put(digest, content);
    }

    @Override
    protected void tag(TagReference tag, Descriptor target) {
        memory.tag(tag, target.digest());
    }

    @Override
    protected void untag(TagReference tag) {
        memory.untag(tag);
    }

    @Override
    protected void remove(Digest digest) {
        memory.remove(digest);
    }
}
