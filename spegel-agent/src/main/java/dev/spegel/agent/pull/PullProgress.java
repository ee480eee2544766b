package dev.spegel.agent.pull;

import dev.spegel.oci.Descriptor;

/** Hears how a pull goes. Called from several threads at once; must be quick. */
public interface PullProgress {
    /** Hears nothing. */
    PullProgress NONE = new PullProgress() {
        @Override
        public void found(Descriptor descriptor) {}

        @Override
        public void received(long bytes) {}
    };

    /** This content is part of the image and will be pulled. */
    void found(Descriptor descriptor);

    /** So many bytes more have come, of any content. */
    void received(long bytes);
}
