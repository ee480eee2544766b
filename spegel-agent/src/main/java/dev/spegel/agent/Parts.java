package dev.spegel.agent;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has been started, so that it can be closed in reverse order. For one thread. */
final class Parts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Parts.class);

    private final Deque<Part> started = new ArrayDeque<>();

    /** Takes a part over, and returns it. */
    <T extends AutoCloseable> T add(String name, T part) {
        started.push(new Part(name, part));
        return part;
    }

    /** Closes all that is open, the last first. One that fails is logged, and the rest closed all the same. Harmless twice. */
    @Override
    public void close() {
        while (!started.isEmpty()) {
            Part part = started.pop();
            try {
                part.closeable().close();
            } catch (IOException e) {
                LOG.warn("Failed to close the {}: {}", part.name(), e.toString());
            } catch (Exception e) {
                LOG.warn("Failed to close the {}", part.name(), e);
            }
        }
    }

    private record Part(String name, AutoCloseable closeable) {}
}
