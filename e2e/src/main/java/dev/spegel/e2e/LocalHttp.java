package dev.spegel.e2e;

import dev.spegel.lab.Machine;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks a server from its own machine. A Java process can't enter another network namespace, and starting one there takes a second;
 * bash opens a connection in no time, and is on every Debian.
 */
final class LocalHttp {
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3})");

    private LocalHttp() {}

    /** @param method GET or HEAD */
    static Answer request(Machine machine, int port, String method, String path)
            throws IOException, InterruptedException {
        // HTTP/1.0: the connection ends with the answer.
        String said = machine.run(
                "bash",
                "-c",
                "exec 3<>/dev/tcp/127.0.0.1/$0 && printf '%s %s HTTP/1.0\\r\\n\\r\\n' \"$1\" \"$2\" >&3 && cat <&3",
                Integer.toString(port),
                method,
                path);
        Matcher status = STATUS.matcher(said);
        int end = said.indexOf("\r\n\r\n");
        if (!status.lookingAt() || end < 0) {
            throw new IOException(
                    "port %d of machine %d doesn't speak HTTP: %s".formatted(port, machine.number(), said));
        }
        return new Answer(Integer.parseInt(status.group(1)), said.substring(end + 4));
    }

    record Answer(int status, String body) {}
}
