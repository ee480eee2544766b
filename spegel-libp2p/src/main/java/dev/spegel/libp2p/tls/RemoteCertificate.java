package dev.spegel.libp2p.tls;

import dev.spegel.libp2p.identity.PublicKey;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Quoted;
import java.io.IOException;
import java.io.OutputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.BERTags;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.ContentVerifier;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.RuntimeOperatorException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A remote's certificate, read as far as libp2p needs it: RFC 5280, section 4.1, without its names. js-libp2p leaves those empty,
 * for which both the JDK and Bouncy Castle refuse the whole certificate (section 4.1.2.4 is on their side), so that the sequences
 * are taken apart here.
 */
final class RemoteCertificate {
    /**
     * Two RSA keys of 8192 bits, each with a signature, take half of this. The TLS engines have limits of their own, some of them
     * larger.
     */
    private static final int MAX_BYTES = 8192;

    /** The tag of the version: RFC 5280, section 4.1. */
    private static final int VERSION_TAG = 0;

    private static final int EXTENSIONS_TAG = 3;

    /** The version with extensions: RFC 5280, section 4.1.2.1. */
    private static final int V3 = 2;

    /** What comes after the version, up to where the optional parts begin: serial number, algorithm, names, validity, key. */
    private static final int FIXED_PARTS = 6;

    /** As for identity keys, and as in Go's own TLS (crypto/tls, defaultMaxRSAKeySize). */
    private static final int MAX_RSA_BITS = 8192;

    /** Key usage and basic constraints (RFC 5280, section 4.2.1): their rules for authorities say nothing about this use. */
    private static final Set<String> KNOWN_CRITICAL =
            Set.of(IdentityCertificate.EXTENSION_OID, "2.5.29.15", "2.5.29.19");

    private final ASN1Sequence signed;
    private final AlgorithmIdentifier algorithm;
    private final byte[] signature;
    private final Instant notBefore;
    private final Instant notAfter;
    private final SubjectPublicKeyInfo key;
    private final @Nullable Extensions extensions;

    /** @throws IllegalArgumentException if a part is missing or of another kind; {@link IllegalStateException} likewise */
    private RemoteCertificate(ASN1Sequence certificate) {
        requireSize(certificate.size() == 3, "a certificate has 3 parts", certificate);
        signed = ASN1Sequence.getInstance(certificate.getObjectAt(0));
        algorithm = AlgorithmIdentifier.getInstance(certificate.getObjectAt(1));
        signature = ASN1BitString.getInstance(certificate.getObjectAt(2)).getOctets();
        requireSize(signed.size() > FIXED_PARTS, "what is signed of a certificate has at least 7 parts", signed);
        if (!ASN1Integer.getInstance(explicit(signed.getObjectAt(0), VERSION_TAG))
                .hasValue(V3)) {
            throw new IllegalArgumentException("a certificate of our day is of version 3");
        }
        if (!AlgorithmIdentifier.getInstance(signed.getObjectAt(2)).equals(algorithm)) {
            throw new IllegalArgumentException(
                    "a certificate names one algorithm, inside of what is signed and outside");
        }
        ASN1Sequence validity = ASN1Sequence.getInstance(signed.getObjectAt(4));
        requireSize(validity.size() == 2, "a validity has 2 parts", validity);
        notBefore = Time.getInstance(validity.getObjectAt(0)).getDate().toInstant();
        notAfter = Time.getInstance(validity.getObjectAt(1)).getDate().toInstant();
        key = SubjectPublicKeyInfo.getInstance(signed.getObjectAt(FIXED_PARTS));
        extensions = signed.size() == FIXED_PARTS + 1
                ? null
                : Extensions.getInstance(explicit(signed.getObjectAt(signed.size() - 1), EXTENSIONS_TAG));
    }

    /**
     * Returns the identity key that vouches for a remote's certificate. That the remote holds the certificate's own key, the
     * TLS handshake has to show.
     *
     * @param chain certificates of whichever kind the TLS engine makes: they are only asked for their bytes
     * @throws CertificateException if there isn't exactly one certificate, or it breaks a rule of tls/tls.md, isn't valid now,
     *     or has a signature that doesn't match
     */
    static PublicKey verify(X509Certificate[] chain, Instant now) throws CertificateException {
        if (chain.length != 1) {
            throw new CertificateException("a libp2p node shows one certificate, got " + chain.length);
        }
        return verify(chain[0].getEncoded(), now);
    }

    /** The same of one certificate, in DER. */
    static PublicKey verify(byte[] der, Instant now) throws CertificateException {
        RemoteCertificate certificate = parse(der);
        certificate.requireValid(now);
        java.security.PublicKey publicKey = certificate.usualKey();
        certificate.requireSignedWith(publicKey);
        return signer(certificate.extension(), certificate.key);
    }

    private static RemoteCertificate parse(byte[] der) throws CertificateException {
        if (der.length > MAX_BYTES) {
            throw new CertificateException(
                    "a libp2p node's certificate has at most %d bytes, got %d".formatted(MAX_BYTES, der.length));
        }
        try {
            return new RemoteCertificate(ASN1Sequence.getInstance(der));
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new CertificateException("a libp2p node's certificate can't be read: " + e.getMessage(), e);
        }
    }

    /**
     * The identity key in the extension, once its signature has been checked.
     *
     * @param extension its value, in DER
     * @param certificateKey what has to be signed
     */
    static PublicKey signer(byte[] extension, SubjectPublicKeyInfo certificateKey) throws CertificateException {
        PublicKey identity;
        byte[] signature;
        byte[] signed;
        try {
            ASN1Sequence signedKey = ASN1Sequence.getInstance(extension);
            if (signedKey.size() != 2) {
                throw new CertificateException(
                        "the libp2p extension holds a key and a signature, got %d parts".formatted(signedKey.size()));
            }
            identity = PublicKey.fromBytes(octets(signedKey, 0));
            signature = octets(signedKey, 1);
            signed = IdentityCertificate.signedBytes(certificateKey);
        } catch (IllegalArgumentException | IllegalStateException | MalformedException | IOException e) {
            throw new CertificateException("the libp2p extension can't be used: " + e.getMessage(), e);
        }
        if (!identity.verify(signed, signature)) {
            throw new CertificateException(
                    "the key of %s didn't sign this certificate's key".formatted(identity.peerId()));
        }
        return identity;
    }

    private void requireValid(Instant now) throws CertificateException {
        if (now.isBefore(notBefore)) {
            throw new CertificateNotYetValidException(
                    "the certificate isn't valid before %s, it's %s".formatted(notBefore, now));
        }
        if (now.isAfter(notAfter)) {
            throw new CertificateExpiredException(
                    "the certificate isn't valid after %s, it's %s".formatted(notAfter, now));
        }
    }

    /** Before anything is computed with it, since other kinds of key have no limit to the work that one can ask of us. */
    private java.security.PublicKey usualKey() throws CertificateException {
        java.security.PublicKey publicKey;
        try {
            publicKey = new JcaPEMKeyConverter().getPublicKey(key);
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            throw new CertificateException(
                    "the key of a libp2p node's certificate can't be read: " + e.getMessage(), e);
        }
        boolean usual = publicKey instanceof RSAPublicKey rsa
                ? rsa.getModulus().bitLength() <= MAX_RSA_BITS
                : publicKey instanceof ECPublicKey || publicKey instanceof EdECPublicKey;
        if (!usual) {
            throw new CertificateException(
                    "the key of a libp2p node's certificate is ECDSA, EdDSA or RSA of at most %d bits, got %s"
                            .formatted(MAX_RSA_BITS, Quoted.of(publicKey.getAlgorithm())));
        }
        return publicKey;
    }

    /** The value of libp2p's extension. */
    private byte[] extension() throws CertificateException {
        @Nullable
        Extension extension = extensions == null
                ? null
                : extensions.getExtension(new ASN1ObjectIdentifier(IdentityCertificate.EXTENSION_OID));
        if (extensions == null || extension == null) {
            throw new CertificateException("a libp2p node's certificate has the extension %s, which says whose it is"
                    .formatted(IdentityCertificate.EXTENSION_OID));
        }
        Set<String> unknown = new LinkedHashSet<>();
        Arrays.stream(extensions.getCriticalExtensionOIDs()).forEach(oid -> unknown.add(oid.getId()));
        unknown.removeAll(KNOWN_CRITICAL);
        if (!unknown.isEmpty()) {
            throw new CertificateException(
                    "a critical extension that isn't known forbids to go on (RFC 5280, section 4.2), got " + unknown);
        }
        return extension.getExtnValue().getOctets();
    }

    private void requireSignedWith(java.security.PublicKey publicKey) throws CertificateException {
        boolean matches;
        try {
            ContentVerifier verifier =
                    new JcaContentVerifierProviderBuilder().build(publicKey).get(algorithm);
            try (OutputStream out = verifier.getOutputStream()) {
                out.write(signed.getEncoded(ASN1Encoding.DER));
            }
            matches = verifier.verify(signature);
        } catch (OperatorCreationException | RuntimeOperatorException | IOException | IllegalArgumentException e) {
            throw notSelfSigned(e);
        }
        if (!matches) {
            throw notSelfSigned(null);
        }
    }

    private static CertificateException notSelfSigned(@Nullable Exception cause) {
        return new CertificateException("a libp2p node's certificate is signed with its own key", cause);
    }

    private static void requireSize(boolean right, String rule, ASN1Sequence sequence) {
        if (!right) {
            throw new IllegalArgumentException(rule + ", got " + sequence.size());
        }
    }

    private static ASN1Primitive explicit(ASN1Encodable part, int tag) {
        return ASN1TaggedObject.getInstance(part, BERTags.CONTEXT_SPECIFIC, tag)
                .getExplicitBaseObject()
                .toASN1Primitive();
    }

    private static byte[] octets(ASN1Sequence sequence, int index) {
        return ASN1OctetString.getInstance(sequence.getObjectAt(index).toASN1Primitive())
                .getOctets();
    }
}
