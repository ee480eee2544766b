package dev.spegel.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A server under measurement: its processor time and memory come from Linux' {@code /proc} (proc(5)). */
final class MeasuredProcess implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    /** USER_HZ: what the kernel shows to programs is always in hundredths of a second. */
    private static final double TICKS_PER_SECOND = 100;

    private final String name;
    private final Process process;
    private final int port;

    private MeasuredProcess(String name, Process process, int port) {
        this.name = name;
        this.process = process;
        this.port = port;
    }

    /** Starts it and waits until it listens on this port of loopback. Its output goes to the file. */
    static MeasuredProcess start(String name, int port, Path output, List<String> command)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        MeasuredProcess started = new MeasuredProcess(name, process, port);
        try {
            started.awaitListening(output);
        } catch (IOException | InterruptedException e) {
            started.close();
            throw e;
        }
        return started;
    }

    /** A port that was free a moment ago. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    String name() {
        return name;
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** What it and its children have used so far, in user and kernel mode. */
    double cpuSeconds() throws IOException {
        double ticks = 0;
        for (ProcessHandle part : parts()) {
            String stat = Files.readString(Path.of("/proc/" + part.pid() + "/stat"));
            // Fields from the third on, after the name, which may itself have spaces: utime is the 14th, stime the
            // 15th.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    /** The most memory that it and its children have had in RAM so far, each at its own peak. */
    long peakRssBytes() throws IOException {
        return statusBytes("VmHWM:");
    }

    /** The memory that it and its children have in RAM now. */
    long rssBytes() throws IOException {
        return statusBytes("VmRSS:");
    }

    /** What of that nobody else has, so what would be free without it; for a user who may look. */
    long privateBytes() throws IOException {
        return bytes("smaps_rollup", "Private_Clean:") + bytes("smaps_rollup", "Private_Dirty:");
    }

    /** What of that is no page of a file: neither a program's, nor an archive's that wasn't written to. */
    long anonymousBytes() throws IOException {
        return bytes("smaps_rollup", "Anonymous:");
    }

    private long statusBytes(String field) throws IOException {
        return bytes("status", field);
    }

    private long bytes(String file, String field) throws IOException {
        long kib = 0;
        for (ProcessHandle part : parts()) {
            for (String line : Files.readAllLines(Path.of("/proc/" + part.pid(), file))) {
                if (line.startsWith(field)) {
                    kib += Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
        }
        return kib * 1024;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private List<ProcessHandle> parts() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList();
    }

    private void awaitListening(Path output) throws IOException, InterruptedException {
        long endNanos = System.nanoTime() + START_LIMIT.toNanos();
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(address(), 1000);
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() - endNanos > 0) {
                    throw new IOException(
                            name + " doesn't listen on " + address() + "; it says: " + Files.readString(output), e);
                }
                process.waitFor(50, TimeUnit.MILLISECONDS);
            }
        }
    }
}
