package dev.spegel.libp2p.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.spegel.libp2p.identity.KeyPair;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
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
            byte[] signature = identity.sign(signedBytes(
                    SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded())));
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

    /** What an identity key signs of a certificate's key: tls/tls.md#libp2p-public-key-extension. */
    static byte[] signedBytes(SubjectPublicKeyInfo certificateKey) throws IOException {
        byte[] subjectPublicKeyInfo = certificateKey.getEncoded(ASN1Encoding.DER);
        byte[] signed = Arrays.copyOf(SIGNED_PREFIX, SIGNED_PREFIX.length + subjectPublicKeyInfo.length);
        System.arraycopy(subjectPublicKeyInfo, 0, signed, SIGNED_PREFIX.length, subjectPublicKeyInfo.length);
        return signed;
    }
}
