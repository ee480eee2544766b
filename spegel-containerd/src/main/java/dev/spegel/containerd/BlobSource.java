package dev.spegel.containerd;

import dev.spegel.oci.Digest;
import dev.spegel.oci.store.StoreException;
import java.nio.channels.SeekableByteChannel;
import java.util.Optional;
import java.util.OptionalLong;

/** Where the bytes of content come from. Safe for use by many threads. */
interface BlobSource {
    /** Whether what {@link #sizeNow} finds is sure to belong to the namespace that is asked for. */
    boolean knowsNamespaces();

    /** The size of what is there now; empty if nothing is. */
    OptionalLong sizeNow(Digest digest) throws StoreException;

    /** Opens content for reading at its start; empty if it is gone, or has another size. */
    Optional<SeekableByteChannel> open(Digest digest, long sizeBytes) throws StoreException;
}
