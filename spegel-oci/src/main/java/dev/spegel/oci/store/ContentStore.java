package dev.spegel.oci.store;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import java.nio.channels.SeekableByteChannel;
import java.util.List;
import java.util.Optional;

/**
 * Image content by digest, and tags that point to it. Read-only: whoever fills the store does that elsewhere.
 *
 * <p>Safe for use by many threads. Methods may block for I/O and obey interruption. Absence is an empty result; an exception
 * says that the store itself failed, or that it is closed.
 */
public interface ContentStore extends AutoCloseable {
    /** The digest of the manifest or index that a tag names now. The content itself may be absent. */
    Optional<Digest> resolve(TagReference tag) throws StoreException;

    /**
     * Size and media type of content that {@link #open} would give now. The media type of a manifest, an index or a config is
     * exact; other content is {@link dev.spegel.oci.MediaType#OCTET_STREAM}.
     */
    Optional<Descriptor> describe(Digest digest) throws StoreException;

    /**
     * Opens content for reading at position 0. The caller closes the channel. Where the bytes are a file it is a
     * {@link java.nio.channels.FileChannel}. It goes on to give the whole content if that is removed meanwhile.
     */
    Optional<SeekableByteChannel> open(Digest digest) throws StoreException;

    /** The images by name, in no order. Names that aren't valid references are left out. */
    List<StoredImage> images() throws StoreException;

    /** Starts to watch. The caller closes the watch. */
    StoreWatch watch() throws StoreException;

    /** Ends all watches. Closing twice is harmless; channels already open stay usable. */
    @Override
    void close();
}
