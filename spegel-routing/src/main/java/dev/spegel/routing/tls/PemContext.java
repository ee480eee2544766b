package dev.spegel.routing.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/** What the PEM files of {@link TlsFiles} held at one moment. */
record PemContext(Optional<String> authorities, Optional<String> certificate, Optional<String> key) {
    /** A bundle of all public authorities has a quarter of it. */
    private static final int MAX_FILE_BYTES = 1024 * 1024;

    private static final Pattern CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----");

    private static final byte[] PROBE = {1};

    /** Of a store that never leaves memory. */
    private static final char[] NO_PASSWORD = {};

    static PemContext read(TlsFiles files) throws IOException {
        return new PemContext(content(files.authorities()), content(files.certificate()), content(files.key()));
    }

    private static Optional<String> content(Optional<Path> file) throws IOException {
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(file.get())) {
            byte[] content = in.readNBytes(MAX_FILE_BYTES + 1);
            if (content.length > MAX_FILE_BYTES) {
                throw new IOException(
                        "a PEM file has at most %d bytes, %s has more".formatted(MAX_FILE_BYTES, file.get()));
            }
            return Optional.of(new String(content, StandardCharsets.ISO_8859_1));
        }
    }

    /**
     * Shows the certificate, and believes who has one of the authorities'.
     *
     * @param peerName the name that servers' certificates must have; empty asks for the host that was connected to
     * @throws IOException if what the files hold isn't what it should be; the message doesn't show the key
     */
    SSLContext sslContext(Optional<String> peerName) throws IOException {
        try {
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(
                    authorities.isPresent() ? storeOf(certificates(authorities.get(), "the authorities' file")) : null);
            TrustManager[] managers = trust.getTrustManagers();
            return context(
                    peerName.isPresent() ? new TrustManager[] {NamedPeers.of(managers, peerName.get())} : managers);
        } catch (GeneralSecurityException e) {
            throw unusable(e);
        }
    }

    /** Believes who shows the very certificate of these files, under whatever name. */
    SSLContext sslContextToItself() throws IOException {
        try {
            return context(new TrustManager[] {new ItselfOnly(ownCertificate())});
        } catch (GeneralSecurityException e) {
            throw unusable(e);
        }
    }

    /** What this node shows. */
    X509Certificate ownCertificate() throws IOException {
        try {
            return (X509Certificate) certificates(
                            certificate.orElseThrow(() -> new IOException("there is no certificate")),
                            "the certificate's file")
                    .get(0);
        } catch (CertificateException e) {
            throw unusable(e);
        }
    }

    /**
     * While files are replaced one by one, a certificate may stand beside the key of another.
     *
     * @throws IOException if the certificate has expired, or the key isn't its key
     */
    void requireOwnIsGood() throws IOException {
        try {
            X509Certificate own = ownCertificate();
            requireValid(own);
            PrivateKey privateKey = privateKey(key.orElseThrow(() -> new IOException("there is no key")));
            // The only question that keys of all kinds can answer.
            String algorithm = privateKey.getAlgorithm();
            Signature signature = Signature.getInstance(
                    switch (algorithm) {
                        case "EC", "RSA" -> "SHA256with" + (algorithm.equals("EC") ? "ECDSA" : algorithm);
                        default -> algorithm;
                    });
            signature.initSign(privateKey);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(own.getPublicKey());
            signature.update(PROBE);
            if (!signature.verify(signed)) {
                throw new IOException("the key isn't that of the certificate");
            }
        } catch (InvalidKeyException | SignatureException e) {
            throw new IOException("the key isn't that of the certificate", e);
        } catch (GeneralSecurityException e) {
            throw unusable(e);
        }
    }

    private static void requireValid(X509Certificate own) throws IOException {
        try {
            own.checkValidity();
        } catch (CertificateExpiredException | CertificateNotYetValidException e) {
            throw new IOException(
                    "the certificate is valid from %s to %s"
                            .formatted(
                                    own.getNotBefore().toInstant(),
                                    own.getNotAfter().toInstant()),
                    e);
        }
    }

    private SSLContext context(TrustManager[] trust) throws GeneralSecurityException, IOException {
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(ownStore(), NO_PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trust, null);
        return context;
    }

    private static IOException unusable(GeneralSecurityException e) {
        return new IOException("certificates and key can't be used: " + e.getMessage(), e);
    }

    private static KeyStore storeOf(List<Certificate> trusted) throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        for (int i = 0; i < trusted.size(); i++) {
            store.setCertificateEntry("authority-" + i, trusted.get(i));
        }
        return store;
    }

    private KeyStore ownStore() throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        if (certificate.isPresent() && key.isPresent()) {
            List<Certificate> chain = certificates(certificate.get(), "the certificate's file");
            store.setKeyEntry("own", privateKey(key.get()), NO_PASSWORD, chain.toArray(new Certificate[0]));
        }
        return store;
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }

    private static List<Certificate> certificates(String pem, String where) throws CertificateException, IOException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<Certificate> certificates = new ArrayList<>();
        Matcher blocks = CERTIFICATE.matcher(pem);
        while (blocks.find()) {
            certificates.add(factory.generateCertificate(
                    new ByteArrayInputStream(blocks.group().getBytes(StandardCharsets.ISO_8859_1))));
        }
        if (certificates.isEmpty()) {
            throw new IOException("no certificate in " + where);
        }
        return certificates;
    }

    private static PrivateKey privateKey(String pem) throws IOException {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            for (Object block = parser.readObject(); block != null; block = parser.readObject()) {
                if (block instanceof PEMKeyPair pair) { // RSA and EC before PKCS #8
                    return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
                }
                if (block instanceof PrivateKeyInfo pkcs8) {
                    return new JcaPEMKeyConverter().getPrivateKey(pkcs8);
                }
                // The parameters of an EC key stand before it.
            }
        }
        throw new IOException("no unencrypted private key in the key's file");
    }

    /** Nothing of the key. */
    @Override
    public String toString() {
        return "PemContext";
    }
}
