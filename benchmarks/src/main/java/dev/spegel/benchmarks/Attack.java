package dev.spegel.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** What clients do that want to keep others from being served. Closing ends it. */
final class Attack implements AutoCloseable {
    /** Goes on until it is interrupted. The server may close connections under it, which is part of the game. */
    private interface Work {
        void run(Attack attack) throws IOException;
    }

    private final InetSocketAddress server;
    private final List<SocketChannel> connections = new ArrayList<>();
    private final Thread thread;

    private Attack(InetSocketAddress server, int count, Work work) throws IOException {
        this.server = server;
        thread = new Thread(
                () -> {
                    try {
                        work.run(this);
                    } catch (ClosedByInterruptException e) {
                        // It was closed in the middle of a call.
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                "attack");
        try {
            for (int i = 0; i < count; i++) {
                connections.add(connect());
            }
        } catch (IOException e) {
            closeConnections();
            throw e;
        }
    }

    void start() {
        thread.start();
    }

    /** Connections that nobody uses. */
    static Attack idle(InetSocketAddress server, int count) throws IOException {
        return new Attack(server, count, attack -> attack.pause(Long.MAX_VALUE));
    }

    /** Requests whose headers come byte by byte, one each second on each connection, and never end. */
    static Attack slowloris(InetSocketAddress server, int count) throws IOException {
        return new Attack(server, count, attack -> {
            ByteBuffer begin = ByteBuffer.wrap("GET /v2/ HTTP/1.1\r\nHost: x\r\nX: ".getBytes(US_ASCII));
            for (SocketChannel one : attack.connections) {
                write(one, begin.duplicate());
            }
            while (attack.goesOn()) {
                for (SocketChannel one : attack.connections) {
                    write(one, ByteBuffer.wrap(new byte[] {'x'}));
                }
                attack.pause(1000);
            }
        });
    }

    /** Clients that take 1 KiB of a large blob each 100 ms. */
    static Attack slowReaders(InetSocketAddress server, int count, String path) throws IOException {
        return new Attack(server, count, attack -> {
            for (SocketChannel one : attack.connections) {
                write(one, request(path));
                one.configureBlocking(false);
            }
            ByteBuffer piece = ByteBuffer.allocateDirect(1024);
            while (attack.goesOn()) {
                for (SocketChannel one : attack.connections) {
                    try {
                        one.read(piece.clear());
                    } catch (IOException e) {
                        // It has been cut.
                    }
                }
                attack.pause(100);
            }
        });
    }

    /** On each connection 16 requests at a time, of which 1,000 a second in all are answered. */
    static Attack pipelined(InetSocketAddress server, int count) throws IOException {
        ByteBuffer sixteen = ByteBuffer.allocate(16 * request("/v2/").remaining());
        while (sixteen.hasRemaining()) {
            sixteen.put(request("/v2/"));
        }
        sixteen.flip();
        return new Attack(server, count, attack -> {
            ByteBuffer answers = ByteBuffer.allocateDirect(64 * 1024);
            for (SocketChannel one : attack.connections) {
                one.configureBlocking(false);
            }
            while (attack.goesOn()) {
                for (SocketChannel one : attack.connections) {
                    write(one, sixteen.duplicate());
                    try {
                        one.read(answers.clear());
                    } catch (IOException e) {
                        // It has been closed.
                    }
                    attack.pause(16);
                }
            }
        });
    }

    /** What isn't HTTP, on 500 new connections a second. */
    static Attack malformed(InetSocketAddress server) throws IOException {
        byte[] nonsense = "\0\1\2 is no HTTP\r\nContent-Length: -1\r\n\r\n".getBytes(US_ASCII);
        return new Attack(server, 0, attack -> {
            while (attack.goesOn()) {
                try (SocketChannel one = attack.connect()) {
                    write(one, ByteBuffer.wrap(nonsense));
                }
                attack.pause(2);
            }
        });
    }

    private boolean goesOn() {
        return !Thread.currentThread().isInterrupted();
    }

    private void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static ByteBuffer request(String path) {
        return ByteBuffer.wrap(("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(US_ASCII));
    }

    private static void write(SocketChannel one, ByteBuffer bytes) {
        try {
            one.write(bytes);
        } catch (IOException e) {
            // The server has closed it.
        }
    }

    private SocketChannel connect() throws IOException {
        SocketChannel one = SocketChannel.open();
        one.setOption(StandardSocketOptions.SO_RCVBUF, 16 * 1024);
        one.connect(server);
        return one;
    }

    private void closeConnections() throws IOException {
        for (SocketChannel one : connections) {
            one.close();
        }
    }

    @Override
    public void close() throws IOException {
        thread.interrupt(); // it holds nothing but the connections
        closeConnections();
    }
}
