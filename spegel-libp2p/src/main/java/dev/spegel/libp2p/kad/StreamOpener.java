package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.host.Host;
import dev.spegel.libp2p.host.Stream;
import dev.spegel.libp2p.host.StreamHandler;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens streams of one protocol. */
record StreamOpener(Host host, String protocol) {
    private static final Logger log = LoggerFactory.getLogger(StreamOpener.class);

    ScheduledExecutorService executor() {
        return host.executor();
    }

    PeerId self() {
        return host.peerId();
    }

    /**
     * Opens a stream.
     *
     * @param opened may be called before this returns
     * @param failed never is, since whoever opens a stream is in the midst of something; gets the reason
     */
    void open(
            PeerId peer,
            List<Multiaddr> addresses,
            StreamHandler handler,
            Consumer<Stream> opened,
            Consumer<String> failed) {
        CompletableFuture<Stream> future = host.openStream(peer, addresses, protocol, handler);
        future.whenComplete((stream, failure) -> {
                    if (stream != null) {
                        opened.accept(stream);
                    } else {
                        executor().execute(() -> failed.accept(reason(failure)));
                    }
                })
                .exceptionally(failure -> {
                    if (!future.isCompletedExceptionally()) {
                        log.error("a stream of {} to {} was opened in vain", protocol, peer, failure);
                    }
                    return null;
                });
    }

    private static String reason(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return String.valueOf(cause.getMessage());
    }
}
