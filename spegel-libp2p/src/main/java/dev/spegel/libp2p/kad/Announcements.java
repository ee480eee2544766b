package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.host.Stream;
import dev.spegel.libp2p.host.StreamHandler;
import dev.spegel.libp2p.host.StreamLostException;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.yamux.ResetCode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Announces keys to peers, each batch over a stream of its own: all announcements back to back, then the end. There are no
 * answers, but a peer that has refused one resets the stream, and one that has taken all ends its side in order. On the event
 * loop only.
 */
final class Announcements {
    /** Bytes handed to a stream at a time, some hundred announcements: a quarter of a first window. */
    private static final int MAX_WRITE_BYTES = 64 * 1024;

    private static final Logger log = LoggerFactory.getLogger(Announcements.class);

    /** Told once of each announcement how it has ended. */
    interface Listener {
        void announced(long requestId);

        void failed(List<Long> requestIds);
    }

    private final StreamOpener streams;
    private final StreamLimits limits;
    private final Traffic traffic;
    private final Listener listener;
    private final Set<Announcement> underWay = new HashSet<>();

    Announcements(StreamOpener streams, StreamLimits limits, Traffic traffic, Listener listener) {
        this.streams = streams;
        this.limits = limits;
        this.traffic = traffic;
        this.listener = listener;
    }

    /** @param ownAddresses what is announced along; at least one */
    void announce(KadAction.Announce announce, List<Multiaddr> ownAddresses) {
        Announcement announcement = new Announcement(
                announce, new PeerEntry(streams.self(), ownAddresses, PeerEntry.Connection.NOT_CONNECTED));
        underWay.add(announcement);
        announcement.start();
    }

    /** Resets all streams; what is under way is not heard of again. */
    void close() {
        List.copyOf(underWay).forEach(announcement -> announcement.drop(ResetCode.SHUTDOWN));
    }

    private final class Announcement implements StreamHandler {
        private final KadAction.Announce announce;
        private final PeerEntry self;
        private @Nullable Stream stream;
        private ByteBuffer unsent = ByteBuffer.allocate(0);
        private int written;
        private boolean ended;
        private @Nullable Future<?> timer;

        Announcement(KadAction.Announce announce, PeerEntry self) {
            this.announce = announce;
            this.self = self;
        }

        void start() {
            limit(limits.opening(), "no stream");
            streams.open(
                    announce.peer(),
                    announce.addresses(),
                    this,
                    this::opened,
                    reason -> fail(ResetCode.UNSPECIFIED, reason));
        }

        private void opened(Stream opened) {
            if (underWay.contains(this)) {
                stream = opened;
                write(opened);
            } else {
                opened.reset(ResetCode.UNSPECIFIED); // came too late
            }
        }

        private void write(Stream to) {
            limit(limits.answer(), "the peer has taken nothing");
            while (!unsent.hasRemaining() && written < announce.keys().size()) {
                unsent = nextFrames();
                to.write(unsent);
            }
            if (!unsent.hasRemaining() && !ended) {
                ended = true;
                to.closeWrite();
            }
        }

        private ByteBuffer nextFrames() {
            List<byte[]> frames = new ArrayList<>();
            int bytes = 0;
            while (written < announce.keys().size() && bytes < MAX_WRITE_BYTES) {
                byte[] frame = KadMessage.addProvider(announce.keys().get(written++), self)
                        .toFrame();
                traffic.sent(KadMessage.Type.ADD_PROVIDER, frame.length);
                frames.add(frame);
                bytes += frame.length;
            }
            ByteBuffer together = ByteBuffer.allocate(bytes);
            frames.forEach(together::put);
            return together.flip();
        }

        @Override
        public void writable(Stream writable) {
            if (writable == stream) {
                writable.write(unsent);
                write(writable);
            }
        }

        @Override
        public void received(Stream from, ByteBuffer bytes) {
            if (from == stream) {
                fail(ResetCode.PROTOCOL_VIOLATION, "an answer to an announcement");
            }
        }

        @Override
        public void halfClosed(Stream from) {
            if (from == stream) {
                if (ended) {
                    succeed();
                } else {
                    fail(ResetCode.UNSPECIFIED, "the peer has ended the stream early");
                }
            }
        }

        @Override
        public void closed(Stream gone, Optional<StreamLostException> failure) {
            if (gone == stream) {
                fail(ResetCode.UNSPECIFIED, failure.map(Throwable::toString).orElse("the stream has ended"));
            }
        }

        private void succeed() {
            if (forget()) {
                listener.announced(announce.requestId());
            }
        }

        private void fail(long code, String reason) {
            if (drop(code)) {
                log.debug(
                        "{} of {}: {} keys were not taken: {}",
                        streams.protocol(),
                        announce.peer(),
                        announce.keys().size(),
                        reason);
                traffic.announcementFailed();
                listener.failed(List.of(announce.requestId()));
            }
        }

        /** Ends the stream out of order; false if that has happened before. */
        boolean drop(long code) {
            Stream dropped = stream;
            if (!forget()) {
                return false;
            }
            if (dropped != null) {
                dropped.reset(code);
            }
            return true;
        }

        private boolean forget() {
            stream = null;
            if (timer != null) {
                timer.cancel(false);
            }
            return underWay.remove(this);
        }

        private void limit(Duration limit, String reason) {
            if (timer != null) {
                timer.cancel(false);
            }
            timer = streams.executor()
                    .schedule(
                            () -> fail(ResetCode.UNSPECIFIED, "%s within %s".formatted(reason, limit)),
                            limit.toNanos(),
                            TimeUnit.NANOSECONDS);
        }
    }
}
