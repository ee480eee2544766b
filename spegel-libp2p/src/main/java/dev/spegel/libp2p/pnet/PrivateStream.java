package dev.spegel.libp2p.pnet;

import org.bouncycastle.crypto.engines.XSalsa20Engine;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;

/** One direction of a connection in a private network: a stream of XSalsa20, which encrypts and decrypts alike. Not thread-safe. */
public final class PrivateStream {
    /** Sent before the stream: libp2p/specs, pnet/Private-Networks-PSK-V1.md#cryptography. */
    public static final int NONCE_BYTES = 24;

    private final XSalsa20Engine cipher = new XSalsa20Engine();

    PrivateStream(byte[] key, byte[] nonce) {
        if (nonce.length != NONCE_BYTES) {
            throw new IllegalArgumentException("a nonce has %d bytes, got %d".formatted(NONCE_BYTES, nonce.length));
        }
        cipher.init(true, new ParametersWithIV(new KeyParameter(key), nonce));
    }

    /** Encrypts or decrypts the next bytes of the stream, in place. */
    public void apply(byte[] bytes, int from, int length) {
        cipher.processBytes(bytes, from, length, bytes, from);
    }
}
