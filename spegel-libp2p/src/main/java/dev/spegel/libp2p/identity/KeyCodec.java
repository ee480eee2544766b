package dev.spegel.libp2p.identity;

import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Quoted;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EllipticCurve;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/**
 * Keys of the Java platform from what peers send. RSA and ECDSA keys are built anew from their numbers, so that their
 * encoding, which the peer ID is a hash of, is the canonical one.
 */
final class KeyCodec {
    /** RFC 8032, section 5.1.5. */
    static final int ED25519_LENGTH = 32;

    /** RFC 8032, section 5.1.6. */
    static final int ED25519_SIGNATURE_LENGTH = 64;

    /** All of a SubjectPublicKeyInfo but the key itself: RFC 8410, section 4. */
    private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    /** libp2p/specs, peer-ids/peer-ids.md#rsa: shorter keys are unsafe, longer ones a burden (go-libp2p, core/crypto). */
    private static final int MIN_RSA_BITS = 2048;

    private static final int MAX_RSA_BITS = 8192;

    /** As in Go's crypto/rsa: a greater exponent would only cost time. */
    private static final BigInteger MAX_RSA_EXPONENT = BigInteger.valueOf(Integer.MAX_VALUE);

    private KeyCodec() {}

    static String signatureAlgorithm(KeyType type) {
        return switch (type) {
            case RSA -> "SHA256withRSA";
            case ED25519 -> "Ed25519";
            case ECDSA -> "SHA256withECDSA";
        };
    }

    static PublicKey ed25519(byte[] raw) {
        if (raw.length != ED25519_LENGTH) {
            throw new MalformedException("an Ed25519 key has %d bytes, got %d".formatted(ED25519_LENGTH, raw.length));
        }
        byte[] encoded = new byte[ED25519_PREFIX.length + raw.length];
        System.arraycopy(ED25519_PREFIX, 0, encoded, 0, ED25519_PREFIX.length);
        System.arraycopy(raw, 0, encoded, ED25519_PREFIX.length, raw.length);
        return decode("Ed25519", encoded);
    }

    static PublicKey rsa(byte[] subjectPublicKeyInfo) {
        if (!(decode("RSA", subjectPublicKeyInfo) instanceof RSAPublicKey key)) {
            throw new MalformedException("not an RSA key: " + Quoted.of(subjectPublicKeyInfo));
        }
        int bits = key.getModulus().bitLength();
        if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
            throw new MalformedException(
                    "an RSA key has %d to %d bits, got %d".formatted(MIN_RSA_BITS, MAX_RSA_BITS, bits));
        }
        BigInteger exponent = key.getPublicExponent();
        if (exponent.compareTo(BigInteger.TWO) <= 0
                || exponent.compareTo(MAX_RSA_EXPONENT) > 0
                || !exponent.testBit(0)) {
            throw new MalformedException("an RSA key's public exponent is odd and between 3 and 2^31-1");
        }
        try {
            return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(key.getModulus(), exponent));
        } catch (GeneralSecurityException e) {
            throw new MalformedException("not an RSA key: " + Quoted.of(subjectPublicKeyInfo), e);
        }
    }

    static PublicKey p256(byte[] subjectPublicKeyInfo) {
        if (!(decode("EC", subjectPublicKeyInfo) instanceof ECPublicKey key)) {
            throw new MalformedException("not an elliptic-curve key: " + Quoted.of(subjectPublicKeyInfo));
        }
        ECParameterSpec curve = p256();
        if (!sameCurve(key.getParams(), curve)) {
            throw new UnsupportedKeyException("an ECDSA key is on the curve P-256, got " + key.getParams());
        }
        requireOnCurve(key.getW(), curve.getCurve());
        try {
            return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(key.getW(), curve));
        } catch (GeneralSecurityException e) {
            throw new MalformedException("not an elliptic-curve key: " + Quoted.of(subjectPublicKeyInfo), e);
        }
    }

    private static ECParameterSpec p256() {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp256r1"));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform lacks the curve P-256", e);
        }
    }

    private static boolean sameCurve(ECParameterSpec one, ECParameterSpec other) {
        return one.getCurve().equals(other.getCurve())
                && one.getGenerator().equals(other.getGenerator())
                && one.getOrder().equals(other.getOrder())
                && one.getCofactor() == other.getCofactor();
    }

    private static void requireOnCurve(ECPoint point, EllipticCurve curve) {
        BigInteger prime = ((ECFieldFp) curve.getField()).getP();
        BigInteger x = point.getAffineX();
        BigInteger y = point.getAffineY();
        BigInteger right = x.pow(2).add(curve.getA()).multiply(x).add(curve.getB());
        boolean inField = x.compareTo(prime) < 0 && y.compareTo(prime) < 0;
        if (!inField || !y.pow(2).subtract(right).mod(prime).equals(BigInteger.ZERO)) {
            throw new MalformedException("an ECDSA key is a point on its curve");
        }
    }

    private static PublicKey decode(String algorithm, byte[] subjectPublicKeyInfo) {
        try {
            return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(subjectPublicKeyInfo));
        } catch (InvalidKeySpecException e) {
            throw new MalformedException("not an %s key: %s".formatted(algorithm, Quoted.of(subjectPublicKeyInfo)), e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform lacks " + algorithm, e);
        }
    }
}
