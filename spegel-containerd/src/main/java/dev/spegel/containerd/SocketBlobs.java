package dev.spegel.containerd;

import dev.spegel.oci.Digest;
import dev.spegel.oci.store.StoreException;
import java.nio.channels.SeekableByteChannel;
import java.util.Optional;
import java.util.OptionalLong;

/** Content that containerd sends over its socket: slower, and only while containerd runs. */
final class SocketBlobs implements BlobSource {
    private final ContainerdClient client;

    SocketBlobs(ContainerdClient client) {
        this.client = client;
    }

    @Override
    public boolean knowsNamespaces() {
        return true;
    }

    @Override
    public OptionalLong sizeNow(Digest digest) throws StoreException {
        return client.size(digest);
    }

    @Override
    public Optional<SeekableByteChannel> open(Digest digest, long sizeBytes) throws StoreException {
        return client.open(digest, sizeBytes);
    }
}
