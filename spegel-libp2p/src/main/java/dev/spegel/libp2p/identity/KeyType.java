package dev.spegel.libp2p.identity;

/** The kinds of keys whose signatures can be verified: libp2p/specs, peer-ids/peer-ids.md#key-types. */
public enum KeyType {
    /** RSA of 2048 to 8192 bits; signs by PKCS #1 v1.5 with SHA-256. */
    RSA,
    /** Ed25519, RFC 8032; what our own keys are. */
    ED25519,
    /** ECDSA on the curve P-256; signs a SHA-256 hash. */
    ECDSA
}
