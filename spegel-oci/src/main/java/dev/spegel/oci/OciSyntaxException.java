package dev.spegel.oci;

import static java.util.Objects.requireNonNull;

/** Text or bytes break a grammar of the OCI specifications. The message names the thing, the rule and the value. */
public final class OciSyntaxException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    /** @param message names the thing, the rule and the value, which is quoted and cut short: {@link Quoted} */
    public OciSyntaxException(ErrorCode code, String message) {
        super(message);
        this.code = requireNonNull(code, "code");
    }

    /** @param message as in {@link #OciSyntaxException(ErrorCode, String)} */
    public OciSyntaxException(ErrorCode code, String message, Throwable cause) {
        super(message, cause);
        this.code = requireNonNull(code, "code");
    }

    /** What a registry answers when a client sent this. */
    public ErrorCode code() {
        return code;
    }

    /** The thing, the rule and the value, in one line; never null. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
