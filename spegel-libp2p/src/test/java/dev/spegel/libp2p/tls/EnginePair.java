package dev.spegel.libp2p.tls;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Two engines that talk to each other without a network, until neither has anything left to say. */
final class EnginePair {
    private final SSLEngine client;
    private final SSLEngine server;
    private final ByteBuffer toServer = ByteBuffer.allocate(1 << 17);
    private final ByteBuffer toClient = ByteBuffer.allocate(1 << 17);
    private @Nullable SSLException clientFailure;
    private @Nullable SSLException serverFailure;

    EnginePair(SSLEngine client, SSLEngine server) {
        this.client = client;
        this.server = server;
    }

    /** What ended the handshake at the client, or null. */
    @Nullable
    SSLException clientFailure() {
        return clientFailure;
    }

    @Nullable
    SSLException serverFailure() {
        return serverFailure;
    }

    /** Lets both talk as long as one of them makes progress. */
    EnginePair shakeHands() {
        boolean progress = true;
        while (progress) {
            progress = step();
        }
        return this;
    }

    /**
     * Lets each say and hear a little; false if neither had anything to. Failures are kept, since the other end still has to
     * hear of them.
     */
    boolean step() {
        boolean progress;
        try {
            progress = step(client, toClient, toServer);
        } catch (SSLException e) {
            progress = clientFailure == null; // the alert is still to be wrapped
            clientFailure = progress ? e : clientFailure;
        }
        try {
            progress |= step(server, toServer, toClient);
        } catch (SSLException e) {
            progress |= serverFailure == null;
            serverFailure = serverFailure == null ? e : serverFailure;
        }
        return progress;
    }

    /** One text, sealed by one engine and opened by the other. */
    static byte[] pass(SSLEngine from, SSLEngine to, byte[] text) throws SSLException {
        ByteBuffer sealed = ByteBuffer.allocate(1 << 17);
        from.wrap(ByteBuffer.wrap(text), sealed);
        ByteBuffer opened = ByteBuffer.allocate(1 << 17);
        sealed.flip();
        while (sealed.hasRemaining()) {
            to.unwrap(sealed, opened);
        }
        byte[] read = new byte[opened.flip().remaining()];
        opened.get(read);
        return read;
    }

    private static boolean step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        boolean progress = runTasks(engine);
        SSLEngineResult wrapped = engine.wrap(ByteBuffer.allocate(0), out);
        progress |= wrapped.bytesProduced() > 0 || runTasks(engine);
        in.flip();
        try {
            if (in.hasRemaining() && !engine.isInboundDone()) {
                SSLEngineResult unwrapped = engine.unwrap(in, ByteBuffer.allocate(1 << 17));
                progress |= unwrapped.bytesConsumed() > 0 || runTasks(engine);
            }
        } finally {
            in.compact();
        }
        return progress;
    }

    private static boolean runTasks(SSLEngine engine) {
        boolean ran = false;
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
            engine.getDelegatedTask().run();
            ran = true;
        }
        return ran;
    }
}
