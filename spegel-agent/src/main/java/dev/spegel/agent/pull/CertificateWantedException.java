package dev.spegel.agent.pull;

/** The mirror has content only for who shows a certificate that it believes, and was shown none. */
public final class CertificateWantedException extends PullException {
    private static final long serialVersionUID = 1L;

    CertificateWantedException(String message) {
        super(message);
    }
}
