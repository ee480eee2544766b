package dev.spegel.libp2p.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PublicKey;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Quoted;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.HashSet;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate that signs itself, of a key that serves for nothing else, with an extension in which an identity key signs that
 * key: tls/tls.md#libp2p-public-key-extension.
 */
record IdentityCertificate(X509Certificate certificate, PrivateKey privateKey) {
    /** The arc of libp2p under Protocol Labs' number: tls/tls.md#libp2p-public-key-extension. */
    static final String EXTENSION_OID = "1.3.6.1.4.1.53594.1.1";

    private static final byte[] SIGNED_PREFIX = "libp2p-tls-handshake:".getBytes(US_ASCII);

    /** How long go-libp2p's certificates last (p2p/security/tls/crypto.go): they are made anew at each start. */
    private static final Duration VALID_FOR = Duration.ofDays(36_500);

    /** So that clocks which disagree by an hour, or by their time zone, do no harm. */
    private static final Duration VALID_SINCE = Duration.ofDays(1);

    /** As for identity keys, and as in Go's own TLS (crypto/tls, defaultMaxRSAKeySize). */
    private static final int MAX_RSA_BITS = 8192;

    /** Key usage and basic constraints (RFC 5280, section 4.2.1): their rules for authorities say nothing about this use. */
    private static final Set<String> KNOWN_CRITICAL = Set.of(EXTENSION_OID, "2.5.29.15", "2.5.29.19");

    /** Makes a P-256 key and its certificate, as go-libp2p does. */
    static IdentityCertificate create(KeyPair identity, Instant now) {
        try {
            SecureRandom random = new SecureRandom();
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            java.security.KeyPair pair = generator.generateKeyPair();
            // 62 random bits and never 0, since RFC 5280, section 4.1.2.2, wants a positive number.
            BigInteger serial = new BigInteger(62, random).setBit(0);
            X500Name name = new X500Name("SERIALNUMBER=" + serial);
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name,
                    serial,
                    Date.from(now.minus(VALID_SINCE)),
                    Date.from(now.plus(VALID_FOR)),
                    name,
                    pair.getPublic());
            byte[] signature = identity.sign(signedBytes(pair.getPublic()));
            builder.addExtension(new ASN1ObjectIdentifier(EXTENSION_OID), false, new DERSequence(new ASN1Encodable[] {
                new DEROctetString(identity.publicKey().toBytes()), new DEROctetString(signature)
            }));
            X509Certificate certificate = new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
            return new IdentityCertificate(certificate, pair.getPrivate());
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("every JDK makes and signs with keys on the curve P-256", e);
        }
    }

    /**
     * Returns the identity key that vouches for a remote's certificate. That the remote holds the certificate's own key, the
     * TLS handshake has to show.
     *
     * @throws CertificateException if there isn't exactly one certificate, or it breaks a rule of tls/tls.md, isn't valid now,
     *     or has a signature that doesn't match
     */
    static PublicKey verify(X509Certificate[] chain, Instant now) throws CertificateException {
        if (chain.length != 1) {
            throw new CertificateException("a libp2p node shows one certificate, got " + chain.length);
        }
        X509Certificate certificate = chain[0];
        certificate.checkValidity(Date.from(now));
        requireUsualKey(certificate.getPublicKey());
        requireNoUnknownCritical(certificate);
        requireSelfSigned(certificate);
        byte[] extension = certificate.getExtensionValue(EXTENSION_OID);
        if (extension == null) {
            throw new CertificateException("a libp2p node's certificate has the extension %s, which says whose it is"
                    .formatted(EXTENSION_OID));
        }
        return signer(extension, certificate.getPublicKey());
    }

    /** The identity key in the extension, as its octet string of DER, once its signature has been checked. */
    static PublicKey signer(byte[] extension, java.security.PublicKey certificateKey) throws CertificateException {
        PublicKey identity;
        byte[] signature;
        try {
            ASN1Sequence signedKey = ASN1Sequence.getInstance(
                    ASN1OctetString.getInstance(extension).getOctets());
            if (signedKey.size() != 2) {
                throw new CertificateException(
                        "the libp2p extension holds a key and a signature, got %d parts".formatted(signedKey.size()));
            }
            identity = PublicKey.fromBytes(octets(signedKey, 0));
            signature = octets(signedKey, 1);
        } catch (IllegalArgumentException | IllegalStateException | MalformedException e) {
            throw new CertificateException("the libp2p extension can't be used: " + e.getMessage(), e);
        }
        if (!identity.verify(signedBytes(certificateKey), signature)) {
            throw new CertificateException(
                    "the key of %s didn't sign this certificate's key".formatted(identity.peerId()));
        }
        return identity;
    }

    /** Before anything is computed with it, since other kinds of key have no limit to the work that one can ask of us. */
    private static void requireUsualKey(java.security.PublicKey key) throws CertificateException {
        boolean usual = key instanceof RSAPublicKey rsa
                ? rsa.getModulus().bitLength() <= MAX_RSA_BITS
                : key instanceof ECPublicKey || key instanceof EdECPublicKey;
        if (!usual) {
            throw new CertificateException(
                    "the key of a libp2p node's certificate is ECDSA, EdDSA or RSA of at most %d bits, got %s"
                            .formatted(MAX_RSA_BITS, Quoted.of(key.getAlgorithm())));
        }
    }

    private static void requireNoUnknownCritical(X509Certificate certificate) throws CertificateException {
        Set<String> critical = certificate.getCriticalExtensionOIDs();
        if (critical == null) {
            return;
        }
        Set<String> unknown = new HashSet<>(critical);
        unknown.removeAll(KNOWN_CRITICAL);
        if (!unknown.isEmpty()) {
            throw new CertificateException(
                    "a critical extension that isn't known forbids to go on (RFC 5280, section 4.2), got " + unknown);
        }
    }

    private static void requireSelfSigned(X509Certificate certificate) throws CertificateException {
        try {
            certificate.verify(certificate.getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new CertificateException("a libp2p node's certificate is signed with its own key", e);
        }
    }

    private static byte[] octets(ASN1Sequence sequence, int index) {
        ASN1Primitive part = sequence.getObjectAt(index).toASN1Primitive();
        return ASN1OctetString.getInstance(part).getOctets();
    }

    private static byte[] signedBytes(java.security.PublicKey certificateKey) {
        byte[] subjectPublicKeyInfo = certificateKey.getEncoded();
        byte[] signed = Arrays.copyOf(SIGNED_PREFIX, SIGNED_PREFIX.length + subjectPublicKeyInfo.length);
        System.arraycopy(subjectPublicKeyInfo, 0, signed, SIGNED_PREFIX.length, subjectPublicKeyInfo.length);
        return signed;
    }
}
