package dev.spegel.libp2p.host;

import java.util.Optional;
import java.util.stream.Stream;

/** The kinds of sockets that tests run over. */
final class SocketKinds {
    private SocketKinds() {}

    /** The JDK's, and Linux's own where its library is on the class path: on x86-64. */
    static Stream<Sockets> available() {
        return Stream.concat(Stream.of(Sockets.nio()), epoll().stream());
    }

    static Optional<Sockets> epoll() {
        return EpollSockets.ifAvailable();
    }
}
