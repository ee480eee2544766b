package dev.spegel.benchmarks;

import dev.spegel.routing.tls.ReloadedTls;
import dev.spegel.routing.tls.TlsFiles;
import dev.spegel.testkit.TestAuthority;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;

/**
 * What all servers of a run show, and whom they and the client believe.
 *
 * @param client for connections of the client's
 */
record ClusterTls(Path authority, Path certificate, Path key, SSLContext client) {
    /** A certificate for loopback, of an authority of its own. Both are good for an hour, so a run may last as long. */
    static ClusterTls throwAway(Path directory) throws IOException {
        try {
            TlsFiles files = new TestAuthority("bench").issue(directory.resolve("tls"));
            return new ClusterTls(
                    files.authorities().orElseThrow(),
                    files.certificate().orElseThrow(),
                    files.key().orElseThrow(),
                    ReloadedTls.of(files).get());
        } catch (GeneralSecurityException e) {
            throw new IOException("make certificates for a run", e);
        }
    }

    /** Sides that speak TLS, each beside the one without in the same place. */
    List<Side> beside(List<Side> plain, List<Side> secured) {
        return IntStream.range(0, plain.size())
                .mapToObj(i -> secured.get(i).overTls(plain.get(i), client))
                .toList();
    }

    /** What an agent is started with. */
    List<String> agentFlags() {
        return List.of("--tls-cert=" + certificate, "--tls-key=" + key, "--tls-ca=" + authority);
    }

    /** What a server of nginx' shows. */
    String nginxServer() {
        return """
                ssl_certificate %s;
                ssl_certificate_key %s;
                ssl_protocols TLSv1.3;
                """.formatted(certificate, key);
    }

    /** Whom nginx believes when it asks another server. It compares with names only, not with addresses. */
    String nginxProxy() {
        return """
                proxy_ssl_protocols TLSv1.3;
                proxy_ssl_verify on;
                proxy_ssl_trusted_certificate %s;
                proxy_ssl_name %s;
                """.formatted(authority, TestAuthority.NAME);
    }
}
