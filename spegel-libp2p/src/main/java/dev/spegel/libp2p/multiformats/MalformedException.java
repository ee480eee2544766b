package dev.spegel.libp2p.multiformats;

/** A stranger's bytes or text break the rules of their format. The message names the rule and quotes the value, cut short. */
public class MalformedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The rule that was broken, and by what. */
    public MalformedException(String message) {
        super(message);
    }

    /** The same, with what a lower layer had to say about it. */
    public MalformedException(String message, Throwable cause) {
        super(message, cause);
    }
}
