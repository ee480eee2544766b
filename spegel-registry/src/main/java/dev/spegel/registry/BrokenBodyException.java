package dev.spegel.registry;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A body whose headers are sent can't be completed. How its connection ends tells the client what to do next. */
final class BrokenBodyException extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean wrong;

    private BrokenBodyException(String message, @Nullable IOException cause, boolean wrong) {
        super(message, cause);
        this.wrong = wrong;
    }

    /** The bytes sent so far are right as far as is known: the client may ask for the rest. */
    static BrokenBodyException incomplete(String message, IOException cause) {
        return new BrokenBodyException(message, cause, false);
    }

    /** The same, where nothing has failed. */
    static BrokenBodyException incomplete(String message) {
        return new BrokenBodyException(message, null, false);
    }

    /** The bytes sent so far are wrong: the client must throw them away. */
    static BrokenBodyException wrong(String message, IOException cause) {
        return new BrokenBodyException(message, cause, true);
    }

    boolean wrong() {
        return wrong;
    }
}
