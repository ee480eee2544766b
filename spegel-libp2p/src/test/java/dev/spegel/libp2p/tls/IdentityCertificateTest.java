package dev.spegel.libp2p.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.libp2p.identity.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What others make of it is for {@link RemoteCertificateTest}. */
class IdentityCertificateTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final KeyPair NODE = KeyPair.ofSeed(new byte[32]);

    private final X509Certificate ours = IdentityCertificate.create(NODE, NOW).certificate();

    @Test
    void areMadeAsGoMakesThem() {
        assertThat(ours.getVersion()).isEqualTo(3);
        assertThat(ours.getSigAlgName()).isEqualTo("SHA256withECDSA");
        assertThat(ours.getPublicKey().getAlgorithm()).isEqualTo("EC");
        assertThat(ours.getSerialNumber()).isPositive();
        assertThat(ours.getIssuerX500Principal()).isEqualTo(ours.getSubjectX500Principal());
        assertThat(ours.getCriticalExtensionOIDs()).isNullOrEmpty();
        assertThat(ours.getNonCriticalExtensionOIDs()).containsExactly("1.3.6.1.4.1.53594.1.1");
    }

    @Test
    void eachHasAKeyOfItsOwn() {
        assertThat(IdentityCertificate.create(NODE, NOW).certificate().getPublicKey())
                .isNotEqualTo(ours.getPublicKey());
    }
}
