package dev.spegel.agent.pull;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Reference;
import dev.spegel.oci.store.OciArchiveWriter;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.locks.ReentrantLock;

/** Pulls into a tar of an OCI layout, one blob at a time. */
public final class ArchiveTarget implements PullTarget {
    private final OciArchiveWriter writer;
    private final ReentrantLock writing = new ReentrantLock();

    /** @param writer stays the caller's, who keeps out of it meanwhile */
    public ArchiveTarget(OciArchiveWriter writer) {
        this.writer = requireNonNull(writer, "writer");
    }

    @Override
    public boolean contains(Descriptor descriptor) {
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
            writer.finish(name, manifest);
        } finally {
            writing.unlock();
        }
    }
}
