package dev.spegel.agent;

import dev.spegel.routing.tls.ReloadedTls;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes up certificates and keys that were replaced. For one thread. */
final class TlsFilesWatch implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(TlsFilesWatch.class);

    private final ReloadedTls tls;
    private final Runnable whenChanged;
    private final Counter failures;
    private String lastFailure = "";

    /** @param whenChanged runs where this does */
    TlsFilesWatch(ReloadedTls tls, Runnable whenChanged, MeterRegistry meters) {
        this.tls = tls;
        this.whenChanged = whenChanged;
        failures = Counter.builder("spegel.tls.reload.failures")
                .description("How often the TLS files held what can't be used, while the last good ones stayed in use.")
                .register(meters);
        Gauge.builder("spegel.tls.certificate.expiry", this, TlsFilesWatch::expirySeconds)
                .description("Until when the certificate that is shown is valid, in Unix time.")
                .baseUnit("seconds")
                .register(meters);
    }

    private double expirySeconds() {
        try {
            return tls.certificate().getNotAfter().toInstant().getEpochSecond();
        } catch (IOException e) {
            return Double.NaN; // can't be: it was loaded with one
        }
    }

    /** Looks once. */
    @Override
    public void run() {
        try {
            if (tls.refresh()) {
                whenChanged.run();
                LOG.info(
                        "Took up another certificate, valid to {}",
                        tls.certificate().getNotAfter().toInstant());
            }
            lastFailure = "";
        } catch (IOException e) {
            String failure = String.valueOf(e.getMessage());
            failures.increment();
            if (!failure.equals(lastFailure)) {
                LOG.warn("The TLS files can't be used, so the last good ones stay in use: {}", failure);
                lastFailure = failure;
            }
        }
    }
}
