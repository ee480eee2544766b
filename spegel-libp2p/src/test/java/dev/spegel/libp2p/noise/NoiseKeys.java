package dev.spegel.libp2p.noise;

import java.util.HexFormat;

/** The keys of flynn/noise's test vectors. */
final class NoiseKeys {
    static final X25519 INITIATOR_STATIC = key("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    static final X25519 RESPONDER_STATIC = key("0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20");
    static final X25519 INITIATOR_EPHEMERAL = key("202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f");
    static final X25519 RESPONDER_EPHEMERAL = key("4142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f60");

    private NoiseKeys() {}

    private static X25519 key(String hex) {
        return X25519.of(HexFormat.of().parseHex(hex));
    }
}
