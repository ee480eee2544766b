/**
 * Secures a connection with TLS 1.3, as libp2p does: both ends show a certificate of their own making, in which an extension
 * proves that the owner of an identity key made it (libp2p/specs, tls/tls.md). The stream muxer is agreed on by ALPN.
 *
 * <p>Open {@link dev.spegel.libp2p.tls.TlsIdentity} first: it makes a {@link dev.spegel.libp2p.tls.TlsHandshake} for each
 * connection, around an {@link javax.net.ssl.SSLEngine} that the caller drives: the JDK's, or one of Netty's native library
 * ({@link dev.spegel.libp2p.tls.TlsEngine}). Nothing here does I/O or keeps a thread.
 */
@NullMarked
package dev.spegel.libp2p.tls;

import org.jspecify.annotations.NullMarked;
