package dev.spegel.libp2p.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Sets up Netty's engines on BoringSSL, which hand over certificates unread.
 *
 * <p>Each handshake has a context of its own, as with {@link JdkEngines}. The engine holds it and frees it with itself. Looking at
 * certificates is a task of the engine, for the workers. The rest of its arithmetic it does where it gets the bytes; that takes
 * tenths of a millisecond.
 */
final class NativeEngines {
    private NativeEngines() {}

    static SSLEngine client(X509ExtendedKeyManager key, X509ExtendedTrustManager remote, List<String> names) {
        return engine(
                SslContextBuilder.forClient()
                        .keyManager(key)
                        .endpointIdentificationAlgorithm(null), // there are no host names
                remote,
                names);
    }

    static SSLEngine server(X509ExtendedKeyManager key, X509ExtendedTrustManager remote, List<String> names) {
        return engine(SslContextBuilder.forServer(key).clientAuth(ClientAuth.REQUIRE), remote, names);
    }

    private static SSLEngine engine(SslContextBuilder builder, X509ExtendedTrustManager remote, List<String> names) {
        SslContext context;
        try {
            context = builder.sslProvider(SslProvider.OPENSSL_REFCNT)
                    .protocols(TlsEngine.TLS_1_3)
                    .trustManager(remote)
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            Protocol.ALPN,
                            SelectorFailureBehavior.NO_ADVERTISE, // BoringSSL's binding has no other but a wrong one
                            SelectedListenerFailureBehavior.ACCEPT,
                            names))
                    .option(OpenSslContextOption.USE_TASKS, true)
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("BoringSSL can be set up for TLS 1.3 and P-256", e);
        }
        try {
            return context.newEngine(
                    ByteBufAllocator.DEFAULT); // without a host: no SNI, no look for an earlier session
        } finally {
            ReferenceCountUtil.release(context);
        }
    }
}
