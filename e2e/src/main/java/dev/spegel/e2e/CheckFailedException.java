package dev.spegel.e2e;

/** Something in a step isn't as it must be. */
final class CheckFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CheckFailedException(String message) {
        super(message);
    }
}
