package dev.spegel.agent.pull;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Reference;
import java.io.IOException;
import java.io.InputStream;

/** Takes everything and keeps nothing. */
public final class DiscardTarget implements PullTarget {
    /** As much as a socket has at a time, or more. */
    private static final int BUFFER_BYTES = 128 * 1024;

    @Override
    public boolean contains(Descriptor descriptor) {
        return false;
    }

    @Override
    public void add(Descriptor descriptor, InputStream content) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        int count = content.read(buffer);
        while (count >= 0) {
            count = content.read(buffer);
        }
    }

    @Override
    public void finish(Reference name, Descriptor manifest) {}
}
