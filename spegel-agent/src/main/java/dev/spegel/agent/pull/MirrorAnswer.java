package dev.spegel.agent.pull;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.util.Optional;

/** A mirror's answer to one request. Closing it frees the connection for the next. */
final class MirrorAnswer implements AutoCloseable {
    private final HttpURLConnection connection;
    private final int status;
    private final Optional<String> redirectedTo;

    /** @param redirectedTo the node to which the mirror sent this request */
    MirrorAnswer(HttpURLConnection connection, Optional<String> redirectedTo) throws IOException {
        this.connection = connection;
        this.redirectedTo = redirectedTo;
        this.status = connection.getResponseCode();
    }

    int status() {
        return status;
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(connection.getHeaderField(name));
    }

    /** The node that the bytes come from; see {@link PulledContent#servedBy}. */
    Optional<String> servedBy() {
        return redirectedTo.or(() -> header("Spegel-Served-By"));
    }

    /** Empty if the mirror doesn't say. */
    Optional<Long> length() {
        long length = connection.getContentLengthLong();
        return length < 0 ? Optional.empty() : Optional.of(length);
    }

    /** The body of an answer that isn't an error. A body that is shorter than announced fails. */
    InputStream body() throws IOException {
        return connection.getInputStream();
    }

    @Override
    public void close() throws IOException {
        InputStream rest =
                status < HttpURLConnection.HTTP_BAD_REQUEST ? connection.getInputStream() : connection.getErrorStream();
        if (rest != null) {
            rest.close();
        }
    }
}
