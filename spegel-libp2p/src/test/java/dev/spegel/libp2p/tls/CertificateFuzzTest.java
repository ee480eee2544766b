package dev.spegel.libp2p.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PublicKey;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;

class CertificateFuzzTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final java.security.PublicKey OURS = IdentityCertificate.create(KeyPair.ofSeed(new byte[32]), NOW)
            .certificate()
            .getPublicKey();

    @FuzzTest
    void aCertificateIsVerifiedOrRefused(byte[] input) {
        try {
            X509Certificate certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(input));
            PublicKey identity = IdentityCertificate.verify(new X509Certificate[] {certificate}, NOW);
            assertThat(identity.peerId()).isNotNull();
        } catch (CertificateException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    @FuzzTest
    void anExtensionIsReadOrRefused(byte[] input) {
        try {
            PublicKey identity = IdentityCertificate.signer(input, OURS);
            throw new AssertionError(identity + " was believed to have signed our key");
        } catch (CertificateException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}
