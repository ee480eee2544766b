package dev.spegel.agent.pull;

import static java.util.Objects.requireNonNull;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;

/**
 * What a mirror with TLS is asked with. The factories are kept, as Java keeps connections for each.
 *
 * @param mirror for the mirror itself
 * @param others for nodes to which it sends its clients
 */
public record MirrorTls(SSLSocketFactory mirror, SSLSocketFactory others) {
    public MirrorTls {
        requireNonNull(mirror, "mirror");
        requireNonNull(others, "others");
    }

    /** For the mirror, and for those to which it sends its clients. */
    public static MirrorTls of(SSLContext mirror, SSLContext others) {
        return new MirrorTls(mirror.getSocketFactory(), others.getSocketFactory());
    }
}
