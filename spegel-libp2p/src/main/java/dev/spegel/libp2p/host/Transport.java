package dev.spegel.libp2p.host;

import dev.spegel.libp2p.identity.PeerId;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/** Makes {@link Connection}s: connects sockets, secures them and agrees on a muxer. To be used on the event loop only. */
interface Transport {
    /**
     * Names what peers may open streams for, on dialled and on accepted connections. Called once, before all else.
     *
     * @param handlers by protocol; asked for each stream for what reads it. One that has reset the stream it was given may return
     *     anything, as that isn't called
     */
    void serve(Map<String, Function<Stream, StreamHandler>> handlers);

    /**
     * Binds a listening socket.
     *
     * @param gate asked for a ticket when a connection comes in, before a byte is read or sent; empty refuses it. The ticket is
     *     closed when the connection is gone, upgraded or not
     * @param accepted gets each connection once it's secured
     */
    CompletableFuture<Listening> listen(InetSocketAddress address, Gate gate, Consumer<Connection> accepted);

    /**
     * Connects and secures, or fails with an IOException that says which address and why. Cancelling the future gives the dial
     * up: the socket is closed, however far it has got.
     *
     * @param expected fails with a PeerIdMismatchException if it's somebody else; empty accepts anybody
     * @param limit for all of it together
     */
    CompletableFuture<Connection> dial(InetSocketAddress address, Optional<PeerId> expected, Duration limit);

    /** Whom it has met that doesn't belong to this network. */
    Strangers strangers();

    /** A bound socket. */
    interface Listening {
        InetSocketAddress address();

        CompletableFuture<Void> close();
    }

    /** Decides who may come in. */
    interface Gate {
        Optional<Runnable> admit(InetSocketAddress remote);
    }
}
