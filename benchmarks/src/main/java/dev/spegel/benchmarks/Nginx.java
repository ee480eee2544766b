package dev.spegel.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The yardstick: nginx as fast as it gets with as many workers as there are cores. */
final class Nginx {
    private final String executable;
    private final Path directory;
    private final Optional<ClusterTls> tls;

    /** @param directory for its configurations and logs */
    Nginx(String executable, Path directory) {
        this(executable, directory, Optional.empty());
    }

    /** @param tls what to speak with clients, and with the origin of a relay; empty for plain HTTP */
    Nginx(String executable, Path directory, Optional<ClusterTls> tls) {
        this.executable = executable;
        this.directory = directory;
        this.tls = tls;
    }

    /** Starts one that sends the files of a directory by {@code sendfile}; with TLS it reads and encrypts them instead. */
    MeasuredProcess serve(String name, Path files) throws IOException, InterruptedException {
        return start(name, "", """
                sendfile on;
                tcp_nopush on;
                root %s;
                """.formatted(files));
    }

    /**
     * Starts one that passes on what another server has, over connections that it keeps. Its buffers are as large as the agent's; it
     * writes nothing to disk.
     *
     * @param buffering whether it reads ahead of the client
     */
    MeasuredProcess relay(String name, InetSocketAddress origin, boolean buffering)
            throws IOException, InterruptedException {
        String upstream = """
                upstream origin {
                  server %s:%d;
                  keepalive 128;
                }
                """.formatted(origin.getAddress().getHostAddress(), origin.getPort());
        return start(name, upstream, """
                location / {
                  proxy_pass %s://origin;
                  %s
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                  proxy_buffering %s;
                  proxy_buffer_size 256k;
                  proxy_buffers 4 256k;
                  proxy_busy_buffers_size 512k;
                  proxy_max_temp_file_size 0;
                }
                """.formatted(
                        tls.isPresent() ? "https" : "http",
                        tls.map(ClusterTls::nginxProxy).orElse(""),
                        buffering ? "on" : "off"));
    }

    private MeasuredProcess start(String name, String outside, String server) throws IOException, InterruptedException {
        int port = MeasuredProcess.freePort();
        Path own = Files.createDirectory(directory.resolve("nginx-" + port));
        // Only root may let nginx' workers stay what they are; for others they do.
        String user = System.getProperty("user.name").equals("root") ? "user root;\n" : "";
        Path config = Files.writeString(
                own.resolve("nginx.conf"),
                user
                        + """
                        daemon off;
                        worker_processes auto;
                        pid %1$s/nginx.pid;
                        error_log %1$s/error.log;
                        events {}
                        http {
                          access_log off;
                          keepalive_requests 1000000;
                          client_body_temp_path %1$s;
                          proxy_temp_path %1$s;
                          fastcgi_temp_path %1$s;
                          uwsgi_temp_path %1$s;
                          scgi_temp_path %1$s;
                          %3$s
                          server {
                            listen 127.0.0.1:%2$d%4$s;
                            %5$s
                            %6$s
                          }
                        }
                        """.formatted(
                                        own,
                                        port,
                                        outside,
                                        tls.isPresent() ? " ssl" : "",
                                        tls.map(ClusterTls::nginxServer).orElse(""),
                                        server));
        return MeasuredProcess.start(
                name, port, own.resolve("output.log"), List.of(executable, "-c", config.toString()));
    }
}
