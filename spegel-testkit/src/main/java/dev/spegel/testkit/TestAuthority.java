package dev.spegel.testkit;

import dev.spegel.routing.tls.TlsFiles;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Signs the certificates of a cluster, and writes them to files, as whoever issues certificates does. */
public final class TestAuthority {
    /** The name that all of them have, besides {@code 127.0.0.1}. */
    public static final String NAME = "spegel.test";

    private static final AtomicLong SERIAL = new AtomicLong(1);

    private final KeyPair key = newKey();
    private final X500Name name;
    private final X509Certificate certificate;

    /**
     * An authority that nobody knows yet.
     *
     * @param commonName two of one name can't be told apart by it, only by their keys
     */
    public TestAuthority(String commonName) throws GeneralSecurityException, IOException {
        name = new X500Name("CN=" + commonName);
        certificate = sign(name, key, Instant.now().plus(Duration.ofHours(1)), Optional.empty());
    }

    /** A certificate for {@code 127.0.0.1} and {@link #NAME}, valid for an hour. */
    public TlsFiles issue(Path directory) throws GeneralSecurityException, IOException {
        return issue(directory, "127.0.0.1", Instant.now().plus(Duration.ofHours(1)));
    }

    /**
     * A certificate and its key, {@code ca.crt}, {@code tls.crt} and {@code tls.key}, in place of those that are there.
     *
     * @param address an IP address
     * @param end when it ends to be valid; it begins two hours before
     */
    public TlsFiles issue(Path directory, String address, Instant end) throws GeneralSecurityException, IOException {
        Files.createDirectories(directory);
        KeyPair own = newKey();
        X509Certificate issued = sign(new X500Name("CN=node"), own, end, Optional.of(address));
        return new TlsFiles(
                Optional.of(replace(directory.resolve("ca.crt"), certificate)),
                Optional.of(replace(directory.resolve("tls.crt"), issued)),
                Optional.of(replace(directory.resolve("tls.key"), new JcaPKCS8Generator(own.getPrivate(), null))));
    }

    private X509Certificate sign(X500Name subject, KeyPair subjectKey, Instant end, Optional<String> address)
            throws GeneralSecurityException, IOException {
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                name,
                BigInteger.valueOf(SERIAL.getAndIncrement()),
                Date.from(end.minus(Duration.ofHours(2))),
                Date.from(end),
                subject,
                subjectKey.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(address.isEmpty()));
        if (address.isPresent()) {
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                new GeneralName(GeneralName.iPAddress, address.get()), new GeneralName(GeneralName.dNSName, NAME)
            }));
        }
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate())));
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException("sign a certificate", e);
        }
    }

    private static Path replace(Path file, Object thing) throws IOException {
        StringWriter pem = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(pem)) {
            writer.writeObject(thing);
        }
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(fresh, pem.toString());
        return Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
