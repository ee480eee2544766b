package dev.spegel.registry;

import java.io.IOException;
import javax.net.ssl.SSLException;

/** The peer doesn't speak TLS, or one of the two doesn't believe the other. */
final class TlsRefusedException extends IOException {
    private static final long serialVersionUID = 1;

    /** Whatever the JDK wraps; a chain of causes is shorter. */
    private static final int MAX_CAUSES = 10;

    private TlsRefusedException(String message, SSLException reason) {
        super(message, reason);
    }

    /** What a failure of the JDK's TLS means: this, or trouble with the connection under it. */
    static IOException of(SSLException failure) {
        // The innermost says what is wrong with a certificate; the ones around it that something is.
        Throwable innermost = failure;
        for (int depth = 0; depth < MAX_CAUSES && innermost.getCause() != null; depth++) {
            innermost = innermost.getCause();
        }
        String message = String.valueOf(innermost.getMessage());
        if (innermost instanceof IOException && !(innermost instanceof SSLException)) {
            return new IOException(message, failure);
        }
        return new TlsRefusedException(
                message.startsWith("Unsupported or unrecognized SSL message")
                        ? "it doesn't speak TLS"
                        : "TLS: " + message,
                failure);
    }
}
