package dev.spegel.libp2p.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Passes one connection on, each byte by itself. */
final class TricklingProxy implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final Socket onward = new Socket();

    TricklingProxy(InetSocketAddress target) throws IOException {
        onward.connect(target);
        onward.setTcpNoDelay(true);
        thread(() -> {
            Socket dialled = server.accept();
            dialled.setTcpNoDelay(true);
            thread(() -> trickle(dialled, onward));
            trickle(onward, dialled);
        });
    }

    InetSocketAddress address() {
        return (InetSocketAddress) server.getLocalSocketAddress();
    }

    private static void trickle(Socket from, Socket to) throws IOException {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int next = in.read(); next >= 0; next = in.read()) {
                out.write(next);
            }
        }
    }

    private static void thread(Copying copying) {
        Thread thread = new Thread(() -> {
            try {
                copying.run();
            } catch (IOException e) {
                // one of the sockets is closed: the end of the connection, which is what the nodes look at
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private interface Copying {
        void run() throws IOException;
    }

    @Override
    public void close() throws IOException {
        server.close();
        onward.close();
    }
}
