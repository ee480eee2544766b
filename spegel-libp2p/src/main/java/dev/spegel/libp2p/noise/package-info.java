/**
 * Secures a connection with Noise, as libp2p does: {@code Noise_XX_25519_ChaChaPoly_SHA256} with identity keys in the
 * payloads and the stream muxer agreed on the way (libp2p/specs, noise/README.md).
 *
 * <p>Open {@link dev.spegel.libp2p.noise.NoiseIdentity} first: it makes a {@link dev.spegel.libp2p.noise.NoiseHandshake} for
 * each connection, which ends in a {@link dev.spegel.libp2p.noise.NoiseChannel}. Nothing here does I/O, keeps a thread or
 * looks at a clock: bytes that arrived go in, bytes to send come out. JDK cryptography does the arithmetic.
 */
@NullMarked
package dev.spegel.libp2p.noise;

import org.jspecify.annotations.NullMarked;
