package dev.spegel.libp2p.tls;

import dev.spegel.libp2p.identity.KeyPair;
import java.math.BigInteger;
import java.security.Principal;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.jspecify.annotations.Nullable;

/** A certificate with neither issuer nor subject, as js-libp2p's. No class of the JDK holds such a one, so this has its bytes only. */
final class NamelessCertificate extends X509Certificate {
    private static final long serialVersionUID = 1;

    /** Where the names are, in what is signed: RFC 5280, section 4.1. */
    private static final Set<Integer> NAMES = Set.of(3, 5);

    private final byte[] der;

    private NamelessCertificate(byte[] der) {
        this.der = der;
    }

    /** One of ours without its names, and signed anew. */
    static IdentityCertificate create(KeyPair identity, Instant now) throws Exception {
        IdentityCertificate named = IdentityCertificate.create(identity, now);
        ASN1Sequence certificate = ASN1Sequence.getInstance(named.certificate().getEncoded());
        ASN1Sequence signed = ASN1Sequence.getInstance(certificate.getObjectAt(0));
        ASN1EncodableVector parts = new ASN1EncodableVector();
        for (int i = 0; i < signed.size(); i++) {
            parts.add(NAMES.contains(i) ? new DERSequence() : signed.getObjectAt(i));
        }
        DERSequence nameless = new DERSequence(parts);
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(named.privateKey());
        signature.update(nameless.getEncoded(ASN1Encoding.DER));
        byte[] der = new DERSequence(
                        new ASN1Encodable[] {nameless, certificate.getObjectAt(1), new DERBitString(signature.sign())})
                .getEncoded(ASN1Encoding.DER);
        return new IdentityCertificate(new NamelessCertificate(der), named.privateKey());
    }

    @Override
    public byte[] getEncoded() {
        return der.clone();
    }

    private static UnsupportedOperationException unread() {
        return new UnsupportedOperationException("a certificate of a remote is only asked for its bytes");
    }

    @Override
    public void checkValidity() {
        throw unread();
    }

    @Override
    public void checkValidity(Date date) {
        throw unread();
    }

    @Override
    public int getVersion() {
        throw unread();
    }

    @Override
    public BigInteger getSerialNumber() {
        throw unread();
    }

    @Override
    @Deprecated
    public Principal getIssuerDN() {
        throw unread();
    }

    @Override
    @Deprecated
    public Principal getSubjectDN() {
        throw unread();
    }

    @Override
    public Date getNotBefore() {
        throw unread();
    }

    @Override
    public Date getNotAfter() {
        throw unread();
    }

    @Override
    public byte[] getTBSCertificate() {
        throw unread();
    }

    @Override
    public byte[] getSignature() {
        throw unread();
    }

    @Override
    public String getSigAlgName() {
        throw unread();
    }

    @Override
    public String getSigAlgOID() {
        throw unread();
    }

    @Override
    public byte[] getSigAlgParams() {
        throw unread();
    }

    @Override
    public boolean[] getIssuerUniqueID() {
        throw unread();
    }

    @Override
    public boolean[] getSubjectUniqueID() {
        throw unread();
    }

    @Override
    public boolean[] getKeyUsage() {
        throw unread();
    }

    @Override
    public int getBasicConstraints() {
        throw unread();
    }

    @Override
    public void verify(PublicKey key) {
        throw unread();
    }

    @Override
    public void verify(PublicKey key, @Nullable String provider) {
        throw unread();
    }

    @Override
    public PublicKey getPublicKey() {
        throw unread();
    }

    @Override
    public Set<String> getCriticalExtensionOIDs() {
        throw unread();
    }

    @Override
    public Set<String> getNonCriticalExtensionOIDs() {
        throw unread();
    }

    @Override
    public byte[] getExtensionValue(String oid) {
        throw unread();
    }

    @Override
    public boolean hasUnsupportedCriticalExtension() {
        throw unread();
    }

    @Override
    public String toString() {
        return "a certificate without names";
    }
}
