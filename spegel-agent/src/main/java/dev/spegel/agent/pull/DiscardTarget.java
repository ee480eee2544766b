package dev.spegel.agent.pull;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Reference;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.BooleanSupplier;

/** Takes everything and keeps nothing. */
public final class DiscardTarget implements PullTarget {
    /** As much as a socket has at a time, or more. */
    private static final int BUFFER_BYTES = 128 * 1024;

    private final BooleanSupplier stop;

    public DiscardTarget() {
        this(() -> false);
    }

    /** @param stop asked often, by the threads that pull; once it says yes, what is being added fails */
    public DiscardTarget(BooleanSupplier stop) {
        this.stop = requireNonNull(stop, "stop");
    }

    @Override
    public boolean contains(Descriptor descriptor) {
        return false;
    }

    @Override
    public void add(Descriptor descriptor, InputStream content) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        while (content.read(buffer) >= 0) {
            if (stop.getAsBoolean()) {
                throw new IOException("nobody wants the rest");
            }
        }
    }

    @Override
    public void finish(Reference name, Descriptor manifest) {}
}
