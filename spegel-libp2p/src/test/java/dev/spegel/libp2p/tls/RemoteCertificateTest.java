package dev.spegel.libp2p.tls;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.UnsupportedKeyException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.spec.RSAPublicKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteCertificateTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final KeyPair NODE = KeyPair.ofSeed(new byte[32]);

    /** One of the certificates in libp2p/specs, tls/tls.md#test-vectors. */
    static X509Certificate vector(String name) throws IOException, CertificateException {
        try (InputStream in = RemoteCertificateTest.class.getResourceAsStream("certificates.txt")) {
            String text = new String(requireNonNull(in, "certificates.txt").readAllBytes(), UTF_8);
            String hex = text.lines()
                    .filter(line -> line.startsWith(name + " "))
                    .findFirst()
                    .orElseThrow()
                    .substring(name.length() + 1);
            return parse(HexFormat.of().parseHex(hex));
        }
    }

    private static X509Certificate parse(byte[] der) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    private static X509Certificate[] chain(X509Certificate... certificates) {
        return certificates;
    }

    @Nested
    class Vectors {
        @ParameterizedTest
        @CsvSource({
            "ed25519, 12D3KooWM6CgA9iBFZmcYAHA6A2qvbAxqfkmrYiRQuz3XEsk4Ksv",
            "ecdsa, QmfXbAwNjJLXfesgztEHe8HwgVDCMMpZ9Eax1HYq6hn9uE"
        })
        void validOnesTellThePeer(String name, String peerId) throws Exception {
            assertThat(RemoteCertificate.verify(chain(vector(name)), NOW).peerId())
                    .hasToString(peerId);
        }

        @Test
        void secp256k1IsRefusedByName() throws Exception {
            X509Certificate certificate = vector("secp256k1");

            assertThatExceptionOfType(CertificateException.class)
                    .isThrownBy(() -> RemoteCertificate.verify(chain(certificate), NOW))
                    .withCauseInstanceOf(UnsupportedKeyException.class)
                    .withMessageContaining("secp256k1");
        }

        @Test
        void aSignatureThatDoesNotMatchIsRefused() throws Exception {
            X509Certificate certificate = vector("wrong-signature");

            assertThatExceptionOfType(CertificateException.class)
                    .isThrownBy(() -> RemoteCertificate.verify(chain(certificate), NOW))
                    .withMessageContaining("didn't sign");
        }
    }

    @Nested
    class Ours {
        private final X509Certificate ours =
                IdentityCertificate.create(NODE, NOW).certificate();

        @Test
        void tellWhoseTheyAre() throws Exception {
            assertThat(RemoteCertificate.verify(chain(ours), NOW)).isEqualTo(NODE.publicKey());
            assertThat(RemoteCertificate.verify(chain(parse(ours.getEncoded())), NOW))
                    .isEqualTo(NODE.publicKey());
        }

        @Test
        void lastFromYesterdayForACentury() throws Exception {
            Instant first = NOW.minus(Duration.ofDays(1));
            Instant last = NOW.plus(Duration.ofDays(36_500));
            assertThat(RemoteCertificate.verify(chain(ours), first)).isEqualTo(NODE.publicKey());
            assertThat(RemoteCertificate.verify(chain(ours), last)).isEqualTo(NODE.publicKey());
            assertThatExceptionOfType(CertificateNotYetValidException.class)
                    .isThrownBy(() -> RemoteCertificate.verify(chain(ours), first.minusSeconds(1)));
            assertThatExceptionOfType(CertificateExpiredException.class)
                    .isThrownBy(() -> RemoteCertificate.verify(chain(ours), last.plusSeconds(1)));
        }

        @Test
        void oneMakesAChain() {
            assertThatExceptionOfType(CertificateException.class)
                    .isThrownBy(() -> RemoteCertificate.verify(chain(), NOW))
                    .withMessageContaining("one certificate, got 0");
            assertThatExceptionOfType(CertificateException.class)
                    .isThrownBy(() -> RemoteCertificate.verify(chain(ours, ours), NOW))
                    .withMessageContaining("one certificate, got 2");
        }
    }

    @Nested
    class Strange {
        private java.security.KeyPair pair;
        private JcaX509v3CertificateBuilder builder;

        private Strange() throws Exception {
            use(keyPair("EC", 256));
        }

        private void use(java.security.KeyPair other) {
            X500Name name = new X500Name("CN=strange");
            pair = other;
            builder = new JcaX509v3CertificateBuilder(
                    name, BigInteger.ONE, Date.from(NOW), Date.from(NOW.plusSeconds(60)), name, pair.getPublic());
        }

        private static java.security.KeyPair keyPair(String algorithm, int bits) throws Exception {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            return generator.generateKeyPair();
        }

        private void extend(boolean critical, ASN1Encodable value) throws Exception {
            builder.addExtension(new ASN1ObjectIdentifier(IdentityCertificate.EXTENSION_OID), critical, value);
        }

        private DERSequence goodValue() {
            byte[] prefix = "libp2p-tls-handshake:".getBytes(UTF_8);
            byte[] key = pair.getPublic().getEncoded();
            byte[] signed = new byte[prefix.length + key.length];
            System.arraycopy(prefix, 0, signed, 0, prefix.length);
            System.arraycopy(key, 0, signed, prefix.length, key.length);
            return new DERSequence(new ASN1Encodable[] {
                new DEROctetString(NODE.publicKey().toBytes()), new DEROctetString(NODE.sign(signed))
            });
        }

        private X509Certificate signedBy(PrivateKey key) throws Exception {
            String algorithm = key.getAlgorithm().equals("EC") ? "ECDSA" : key.getAlgorithm();
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256with" + algorithm).build(key)));
        }

        private X509Certificate selfSigned() throws Exception {
            return signedBy(pair.getPrivate());
        }

        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void theExtensionMayBeCritical(boolean critical) throws Exception {
            extend(critical, goodValue());

            assertThat(RemoteCertificate.verify(chain(selfSigned()), NOW)).isEqualTo(NODE.publicKey());
        }

        @ParameterizedTest
        @ValueSource(strings = {"2.5.29.19", "2.5.29.15"})
        void whatIsSaidOfAuthoritiesIsIgnored(String oid) throws Exception {
            extend(false, goodValue());
            builder.addExtension(
                    new ASN1ObjectIdentifier(oid),
                    true,
                    oid.equals("2.5.29.19")
                            ? new org.bouncycastle.asn1.x509.BasicConstraints(false)
                            : new org.bouncycastle.asn1.x509.KeyUsage(128));

            assertThat(RemoteCertificate.verify(chain(selfSigned()), NOW)).isEqualTo(NODE.publicKey());
        }

        @Test
        void anotherCriticalExtensionIsRefused() throws Exception {
            extend(false, goodValue());
            builder.addExtension(new ASN1ObjectIdentifier("1.3.6.1.4.1.53594.1.2"), true, new ASN1Integer(1));
            X509Certificate certificate = selfSigned();

            assertThatExceptionOfType(CertificateException.class)
                    .isThrownBy(() -> RemoteCertificate.verify(chain(certificate), NOW))
                    .withMessageContaining("[1.3.6.1.4.1.53594.1.2]");
        }

        @Test
        void anotherUncriticalExtensionIsIgnored() throws Exception {
            extend(false, goodValue());
            builder.addExtension(new ASN1ObjectIdentifier("1.3.6.1.4.1.53594.1.2"), false, new ASN1Integer(1));

            assertThat(RemoteCertificate.verify(chain(selfSigned()), NOW)).isEqualTo(NODE.publicKey());
        }

        @Test
        void oneThatAnotherKeySignedIsRefused() throws Exception {
            extend(false, goodValue());
            X509Certificate certificate = signedBy(keyPair("EC", 256).getPrivate());

            assertThatExceptionOfType(CertificateException.class)
                    .isThrownBy(() -> RemoteCertificate.verify(chain(certificate), NOW))
                    .withMessageContaining("signed with its own key");
        }

        @ParameterizedTest
        @CsvSource({"RSA, 2048", "EC, 384"})
        void otherUsualKeysAreAccepted(String algorithm, int bits) throws Exception {
            use(keyPair(algorithm, bits));
            extend(false, goodValue());

            assertThat(RemoteCertificate.verify(chain(selfSigned()), NOW)).isEqualTo(NODE.publicKey());
        }

        @Test
        void anUnusualKeyIsRefusedByItsKind() throws Exception {
            use(keyPair("DSA", 2048));
            extend(false, goodValue());
            X509Certificate certificate = selfSigned();

            assertThatExceptionOfType(CertificateException.class)
                    .isThrownBy(() -> RemoteCertificate.verify(chain(certificate), NOW))
                    .withMessageContaining("\"DSA\"");
        }

        /** Its modulus is a number, not a key that anybody has: what counts is that nothing is computed with it. */
        @Test
        void anRsaKeyOfImmodestSizeIsRefused() throws Exception {
            java.security.PublicKey huge = KeyFactory.getInstance("RSA")
                    .generatePublic(
                            new RSAPublicKeySpec(BigInteger.ONE.shiftLeft(8192).setBit(0), BigInteger.valueOf(65537)));
            use(new java.security.KeyPair(huge, keyPair("EC", 256).getPrivate()));
            extend(false, goodValue());
            X509Certificate certificate = selfSigned();

            assertThatExceptionOfType(CertificateException.class)
                    .isThrownBy(() -> RemoteCertificate.verify(chain(certificate), NOW))
                    .withMessageContaining("at most 8192 bits");
        }

        @Test
        void oneWithoutTheExtensionIsRefused() throws Exception {
            X509Certificate certificate = selfSigned();

            assertThatExceptionOfType(CertificateException.class)
                    .isThrownBy(() -> RemoteCertificate.verify(chain(certificate), NOW))
                    .withMessageContaining("has the extension 1.3.6.1.4.1.53594.1.1");
        }

        @Test
        void oneWithAnotherShapeOfExtensionIsRefused() throws Exception {
            DEROctetString octets = new DEROctetString(new byte[] {1});
            extend(false, new DERSequence(new ASN1Encodable[] {octets, octets, octets}));
            X509Certificate certificate = selfSigned();

            assertThatExceptionOfType(CertificateException.class)
                    .isThrownBy(() -> RemoteCertificate.verify(chain(certificate), NOW))
                    .withMessageContaining("got 3 parts");
        }

        @Test
        void oneWithNumbersInTheExtensionIsRefused() throws Exception {
            extend(false, new DERSequence(new ASN1Encodable[] {new ASN1Integer(1), new ASN1Integer(2)}));
            X509Certificate certificate = selfSigned();

            assertThatExceptionOfType(CertificateException.class)
                    .isThrownBy(() -> RemoteCertificate.verify(chain(certificate), NOW))
                    .withMessageContaining("can't be used");
        }

        /** Copied from somebody's certificate, it vouches for another key. */
        @Test
        void oneWithAStolenExtensionIsRefused() throws Exception {
            X509Certificate theirs = IdentityCertificate.create(NODE, NOW).certificate();
            byte[] value = DEROctetString.getInstance(theirs.getExtensionValue(IdentityCertificate.EXTENSION_OID))
                    .getOctets();
            builder.addExtension(new ASN1ObjectIdentifier(IdentityCertificate.EXTENSION_OID), false, value);
            X509Certificate certificate = selfSigned();

            assertThatExceptionOfType(CertificateException.class)
                    .isThrownBy(() -> RemoteCertificate.verify(chain(certificate), NOW))
                    .withMessageContaining(NODE.peerId() + " didn't sign");
        }
    }

    /** As js-libp2p makes them. */
    @Nested
    class Nameless {
        @Test
        void oneWithoutNamesTellsThePeer() throws Exception {
            IdentityCertificate nameless = NamelessCertificate.create(NODE, NOW);

            assertThat(RemoteCertificate.verify(chain(nameless.certificate()), NOW))
                    .isEqualTo(NODE.publicKey());
        }

        /** If this fails, the JDK's TLS has perhaps begun to work with js-libp2p. */
        @Test
        void theJdkRefusesIt() throws Exception {
            byte[] der = NamelessCertificate.create(NODE, NOW).certificate().getEncoded();

            assertThatExceptionOfType(CertificateException.class)
                    .isThrownBy(() -> parse(der))
                    .withMessageContaining("Empty issuer");
        }

        @Test
        void changedOnesAreRefused() throws Exception {
            byte[] der = NamelessCertificate.create(NODE, NOW).certificate().getEncoded();
            for (int i = 0; i < der.length; i++) {
                byte[] changed = der.clone();
                changed[i] ^= 1;
                assertThatExceptionOfType(CertificateException.class)
                        .as("byte %d", i)
                        .isThrownBy(() -> RemoteCertificate.verify(changed, NOW));
            }
        }

        @Test
        void longOnesAreNotRead() {
            assertThatExceptionOfType(CertificateException.class)
                    .isThrownBy(() -> RemoteCertificate.verify(new byte[8193], NOW))
                    .withMessageContaining("at most 8192 bytes, got 8193");
        }

        @Test
        void deeplyNestedOnesAreRefused() {
            byte[] der = new byte[8192];
            for (int i = 0; i + 4 <= der.length; i += 4) {
                int left = der.length - i - 4;
                der[i] = 0x30;
                der[i + 1] = (byte) 0x82;
                der[i + 2] = (byte) (left >> 8);
                der[i + 3] = (byte) left;
            }
            assertThatExceptionOfType(CertificateException.class)
                    .isThrownBy(() -> RemoteCertificate.verify(der, NOW))
                    .withMessageContaining("can't be read");
        }
    }
}
