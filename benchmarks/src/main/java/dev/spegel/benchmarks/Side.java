package dev.spegel.benchmarks;

import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * One of those that are compared.
 *
 * @param name in the output
 * @param minRatio what its speed is to be at least, as a part of the yardstick's
 * @param maxCpuRatio what its processor time is to be at most, as a multiple of the yardstick's
 * @param tls empty for plain HTTP
 */
record Side(
        String name,
        MeasuredProcess server,
        Fetch fetch,
        boolean yardstick,
        Optional<Double> minRatio,
        Optional<Double> maxCpuRatio,
        Optional<Tls> tls) {
    /**
     * What is different with it.
     *
     * @param plain the same without it
     * @param client what the client encrypts with
     */
    record Tls(Side plain, SSLContext client) {}

    static Side yardstick(MeasuredProcess server, Fetch fetch) {
        return new Side(server.name(), server, fetch, true, Optional.empty(), Optional.empty(), Optional.empty());
    }

    static Side measured(String name, MeasuredProcess server, Fetch fetch) {
        return new Side(name, server, fetch, false, Optional.empty(), Optional.empty(), Optional.empty());
    }

    Side atLeast(double ratio) {
        return new Side(name, server, fetch, yardstick, Optional.of(ratio), maxCpuRatio, tls);
    }

    Side withCpuAtMost(double ratio) {
        return new Side(name, server, fetch, yardstick, minRatio, Optional.of(ratio), tls);
    }

    /** This one over TLS, beside the same without. It has no limits: the project has none with TLS. */
    Side overTls(Side plain, SSLContext client) {
        return new Side(
                name,
                server,
                fetch,
                yardstick,
                Optional.empty(),
                Optional.empty(),
                Optional.of(new Tls(plain, client)));
    }

    Optional<SSLContext> clientTls() {
        return tls.map(Tls::client);
    }
}
