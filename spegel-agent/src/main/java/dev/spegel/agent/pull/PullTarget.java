package dev.spegel.agent.pull;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Reference;
import java.io.IOException;
import java.io.InputStream;

/** Takes what a {@link PullClient} gets. Safe for use by many threads. */
public interface PullTarget {
    /** Whether this content is there already, so that it needn't be pulled. */
    boolean contains(Descriptor descriptor) throws IOException;

    /**
     * Takes content. The stream has exactly the bytes that the descriptor names, and fails where the last read would show that they
     * don't match; what was taken until then must not be kept. The caller closes the stream.
     */
    void add(Descriptor descriptor, InputStream content) throws IOException;

    /** Keeps what was added, and gives the manifest or index its name. Called once, last: all that it needs has been added. */
    void finish(Reference name, Descriptor manifest) throws IOException;
}
