package dev.spegel.routing.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Believes servers whose certificate has one name, at whatever address they were asked. Being an extended manager it decides on names alone:
 * the JDK compares the host only in its own, to which the ways without a connection lead here.
 */
final class NamedPeers extends X509ExtendedTrustManager {
    /** RFC 5280, section 4.2.1.6: dNSName. */
    private static final Integer DNS_NAME = 2;

    private final X509TrustManager chains;
    private final String name;

    private NamedPeers(X509TrustManager chains, String name) {
        this.chains = chains;
        this.name = name;
    }

    static NamedPeers of(TrustManager[] managers, String name) {
        for (TrustManager manager : managers) {
            if (manager instanceof X509TrustManager chains) {
                return new NamedPeers(chains, name);
            }
        }
        throw new IllegalArgumentException("none of the trust managers is for X.509 certificates");
    }

    private void checkServer(X509Certificate[] chain, String authType) throws CertificateException {
        chains.checkServerTrusted(chain, authType);
        Collection<List<?>> names = chain[0].getSubjectAlternativeNames();
        boolean named = names != null
                && names.stream()
                        .anyMatch(each -> DNS_NAME.equals(each.get(0))
                                && each.get(1) instanceof String dns
                                && dns.equalsIgnoreCase(name));
        if (!named) {
            throw new CertificateException("the certificate isn't for %s".formatted(name));
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        checkServer(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkServer(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkServer(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        chains.checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        chains.checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        chains.checkClientTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return chains.getAcceptedIssuers();
    }
}
