package dev.spegel.libp2p.yamux;

/** The peer sent what yamux forbids. Always ends the session. */
final class ProtocolViolation extends Exception {
    private static final long serialVersionUID = 1L;

    private final String detail;

    ProtocolViolation(String detail) {
        super(detail, null, false, false); // told to the host as a value; a stack trace would only show ourselves
        this.detail = detail;
    }

    String detail() {
        return detail;
    }
}
