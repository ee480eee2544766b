package dev.spegel.libp2p.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PublicKey;
import java.security.cert.CertificateException;
import java.time.Instant;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

class CertificateFuzzTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final SubjectPublicKeyInfo OURS =
            SubjectPublicKeyInfo.getInstance(IdentityCertificate.create(KeyPair.ofSeed(new byte[32]), NOW)
                    .certificate()
                    .getPublicKey()
                    .getEncoded());

    @FuzzTest
    void aCertificateIsVerifiedOrRefused(byte[] input) {
        try {
            PublicKey identity = RemoteCertificate.verify(input, NOW);
            assertThat(identity.peerId()).isNotNull();
        } catch (CertificateException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    @FuzzTest
    void anExtensionIsReadOrRefused(byte[] input) {
        try {
            PublicKey identity = RemoteCertificate.signer(input, OURS);
            throw new AssertionError(identity + " was believed to have signed our key");
        } catch (CertificateException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}
