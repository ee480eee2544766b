package dev.spegel.agent.pull;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Reference;
import dev.spegel.oci.store.OciLayoutWriter;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Pulls into an OCI layout. The writer takes one blob at a time, so a client with several workers gains nothing: the others wait,
 * and their connections with them.
 */
public final class LayoutTarget implements PullTarget {
    private final OciLayoutWriter writer;
    private final ReentrantLock writing = new ReentrantLock();

    /** @param writer stays the caller's, who keeps out of it meanwhile */
    public LayoutTarget(OciLayoutWriter writer) {
        this.writer = requireNonNull(writer, "writer");
    }

    @Override
    public boolean contains(Descriptor descriptor) throws IOException {
        writing.lock();
        try {
            return writer.contains(descriptor);
        } finally {
            writing.unlock();
        }
    }

    @Override
    public void add(Descriptor descriptor, InputStream content) throws IOException {
        writing.lock();
        try {
            writer.add(descriptor, content);
        } finally {
            writing.unlock();
        }
    }

    @Override
    public void finish(Reference name, Descriptor manifest) throws IOException {
        writing.lock();
        try {
            writer.name(name, manifest);
            writer.commit();
        } finally {
            writing.unlock();
        }
    }
}
