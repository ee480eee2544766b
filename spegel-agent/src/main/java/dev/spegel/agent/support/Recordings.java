package dev.spegel.agent.support;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;

/** Recordings by the JDK's flight recorder: what the JVM did in a while. One at a time. */
final class Recordings implements AutoCloseable {
    /** What an operator waits for in front of a terminal; for more there are the flight recorder's own means. */
    static final Duration LONGEST = Duration.ofMinutes(10);

    /** A minute of a busy agent takes 2 MiB. If there is more the oldest is left out. */
    static final long MAX_BYTES = 32L * 1024 * 1024;

    /** The JDK's own settings with a stack every 20 ms: at most 2 % of the processor time, as the JDK's documentation says. */
    private static final String SETTINGS = "profile";

    /** Here secrets could be: in the environment, in other processes' command lines, in what the agent was started with. */
    private static final List<String> LEFT_OUT = List.of(
            "jdk.InitialEnvironmentVariable", "jdk.InitialSystemProperty", "jdk.SystemProcess", "jdk.JVMInformation");

    private final CountDownLatch closed = new CountDownLatch(1);

    /** What is done with a recording's bytes. */
    interface Sink {
        void accept(InputStream recording) throws IOException;
    }

    /**
     * Records for so long, or until this is closed, and hands on the recording.
     *
     * @throws IOException if the recorder can't work, with the reason
     */
    void record(Duration time, Sink sink) throws IOException, InterruptedException {
        requireNonNull(time, "time");
        try (Recording recording = new Recording(Configuration.getConfiguration(SETTINGS))) {
            recording.setName("spegel");
            recording.setMaxSize(MAX_BYTES);
            LEFT_OUT.forEach(recording::disable);
            recording.start();
            if (closed.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException("the agent is stopping");
            }
            recording.stop();
            try (InputStream in = recording.getStream(null, null)) {
                sink.accept(in);
            }
        } catch (ParseException e) {
            throw new IOException("the settings of this JDK's flight recorder can't be read: " + e.getMessage(), e);
        }
    }

    /** Ends the recording that runs, if one does, which is lost. */
    @Override
    public void close() {
        closed.countDown();
    }
}
