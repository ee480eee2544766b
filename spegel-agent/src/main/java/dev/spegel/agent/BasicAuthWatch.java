package dev.spegel.agent;

import static java.util.Objects.requireNonNull;

import dev.spegel.routing.BasicCredentials;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up credentials that were replaced. Files that are gone or can't be used leave them as they are. For one thread.
 *
 * <p>Who writes the two files by hand does so one after the other: a pair is taken up once it was read twice in a row.
 */
final class BasicAuthWatch implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(BasicAuthWatch.class);

    private final Upkeep.BasicAuth basicAuth;
    private final UpkeepMeters meters;
    private Optional<BasicCredentials> lastRead = Optional.empty();
    private String lastFailure = "";

    BasicAuthWatch(Upkeep.BasicAuth basicAuth, UpkeepMeters meters) {
        this.basicAuth = requireNonNull(basicAuth, "basicAuth");
        this.meters = requireNonNull(meters, "meters");
    }

    /** Looks once. */
    @Override
    public void run() {
        try {
            Optional<BasicCredentials> read = basicAuth.files().read();
            if (read.isEmpty()) {
                throw new IOException(
                        basicAuth.files().directory() + ": there are no files username and password any more");
            }
            boolean settled = read.equals(lastRead);
            lastRead = read;
            lastFailure = "";
            if (settled && basicAuth.credentials().rotate(read.get())) {
                meters.rotations().increment();
                LOG.info(
                        "Took up other credentials from {}; those before stay good for {} min",
                        basicAuth.files().directory(),
                        Upkeep.GRACE.toMinutes());
            }
        } catch (IOException e) {
            lastRead = Optional.empty();
            meters.reloadFailures().increment();
            String failure = String.valueOf(e.getMessage());
            if (!failure.equals(lastFailure)) {
                LOG.warn("The credentials can't be read again, so the last good ones stay in use: {}", failure);
                lastFailure = failure;
            }
        }
    }
}
