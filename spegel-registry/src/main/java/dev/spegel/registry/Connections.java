package dev.spegel.registry;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The two ways to end a connection in the middle of a body. Which one it is decides whether a client asks for the rest. */
final class Connections {
    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

    /** A client that asked for a body sends nothing more; what a pipelining one sends is small. */
    private static final int MAX_DRAINED_BYTES = 64 * 1024;

    private Connections() {}

    /**
     * Ends the connection in order after the bytes already sent (FIN). containerd then asks for the rest with {@code Range}, from the
     * first of its hosts on. Input that nobody read would make the kernel send a reset instead, so that is read away.
     */
    static void finish(Request request) {
        EndPoint endPoint = endPoint(request);
        endPoint.shutdownOutput();
        try {
            ByteBuffer input = ByteBuffer.allocate(4096).limit(0);
            int drained = 0;
            for (int count = endPoint.fill(input); count > 0 && drained < MAX_DRAINED_BYTES; ) {
                drained += count;
                input.position(input.limit());
                input.clear().limit(0);
                count = endPoint.fill(input);
            }
        } catch (IOException e) {
            LOG.debug("the client is gone too: {}", e.getMessage());
        }
    }

    /** Ends the connection at once: what Jetty is writing fails. */
    static void close(Request request) {
        endPoint(request).close();
    }

    /** Makes the close that follows a reset (RST): the client must not take what it has for good. */
    static void reset(Request request) {
        EndPoint endPoint = endPoint(request);
        while (endPoint instanceof EndPoint.Wrapper encrypted) {
            endPoint = encrypted.unwrap();
        }
        if (endPoint.getTransport() instanceof SocketChannel channel) {
            try {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            } catch (IOException e) {
                LOG.debug("the client is gone too: {}", e.getMessage());
            }
        }
    }

    private static EndPoint endPoint(Request request) {
        return request.getConnectionMetaData().getConnection().getEndPoint();
    }
}
