package dev.spegel.agent.pull;

/** The mirror doesn't have an image, and has found no other node that gives it. */
public final class ImageAbsentException extends PullException {
    private static final long serialVersionUID = 1L;

    ImageAbsentException(String message) {
        super(message);
    }
}
