package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.host.Stream;
import dev.spegel.libp2p.host.StreamHandler;
import dev.spegel.libp2p.host.StreamLostException;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Varint;
import dev.spegel.libp2p.yamux.ResetCode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks peers, each over one stream that is kept, one request at a time: messages carry no number, so an answer belongs to the
 * request before it. On the event loop only.
 *
 * <p>Outline: a request waits until those before it are answered, and isn't sent if it's of no use any more by then. If the stream turns out to be gone, which a kept one may have
 * been for a while, the request is tried once more on a fresh one. If no answer comes in time, or no stream can be opened, all that
 * waits for the peer fails: it would fare no better. go-libp2p-kad-dht, {@code internal/net/message_manager.go}, but for the latter.
 */
final class Asks {
    /** Requests that wait for one peer. As many lookups may be under way, and each asks a peer once. */
    static final int MAX_WAITING = Lookups.MAX_LOOKUPS;

    /**
     * The longest answer that is read. Go names all providers of a key that it knows; of five thousand, or of the
     * {@link MessageCodec#MAX_ENTRIES} that are read with a kilobyte each, the answer is about as long. The protocol's limit is four
     * times that, and twenty peers answer at a time.
     */
    static final int MAX_ANSWER_BYTES = 1024 * 1024;

    /** Answers of which only a part has arrived yet, of all peers together; whoever goes beyond is given up. */
    static final int MAX_PARTIAL_BYTES = 8 * 1024 * 1024;

    private static final Logger log = LoggerFactory.getLogger(Asks.class);

    /** Told how a request has ended. */
    interface Listener {
        /** Whether a request that has waited is still to be sent; if not, nothing more is told of it. */
        boolean isWanted(long requestId);

        void answered(long requestId, KadMessage answer);

        void failed(List<Long> requestIds);
    }

    private final StreamOpener streams;
    private final StreamLimits limits;
    private final Traffic traffic;
    private final Listener listener;
    private final Map<PeerId, Conversation> conversations = new HashMap<>();
    private int partialBytes;
    private boolean closed;

    Asks(StreamOpener streams, StreamLimits limits, Traffic traffic, Listener listener) {
        this.streams = streams;
        this.limits = limits;
        this.traffic = traffic;
        this.listener = listener;
    }

    void ask(KadAction.Ask ask) {
        conversations.computeIfAbsent(ask.peer(), Conversation::new).add(ask);
    }

    /** Resets all streams; what is under way is not heard of again. */
    void close() {
        closed = true;
        List.copyOf(conversations.values()).forEach(Conversation::close);
        conversations.clear();
    }

    /** What goes on with one peer. */
    private final class Conversation implements StreamHandler {
        private final PeerId peer;
        private final Deque<KadAction.Ask> waiting = new ArrayDeque<>();
        private KadAction.@Nullable Ask current;
        private boolean retried;
        /** Whether a stream is being opened, and how often that was begun. */
        private boolean opening;

        private int attempts;
        private @Nullable Stream stream;
        /** Whether the stream has brought an answer, so that its end may mean no more than that it was kept too long. */
        private boolean proven;

        private FrameReader reader = new FrameReader(MAX_ANSWER_BYTES);
        private int partial;
        private ByteBuffer unsent = ByteBuffer.allocate(0);
        private @Nullable Future<?> timer;

        Conversation(PeerId peer) {
            this.peer = peer;
        }

        void add(KadAction.Ask ask) {
            if (waiting.size() >= MAX_WAITING) {
                // Not at once: whoever asks is in the midst of something.
                streams.executor().execute(() -> fail(List.of(ask), "too many requests wait for the peer"));
                return;
            }
            waiting.add(ask);
            proceed();
        }

        private void proceed() {
            if (current != null) {
                return;
            }
            do {
                current = waiting.poll();
            } while (current != null && !listener.isWanted(current.requestId()));
            retried = false;
            if (current != null) {
                send(current);
            } else if (stream == null) {
                conversations.remove(peer, this);
            }
        }

        private void send(KadAction.Ask ask) {
            if (stream == null || !stream.isOpen()) {
                open(ask);
                return;
            }
            byte[] frame = ask.message().toFrame();
            traffic.sent(ask.message().type(), frame.length);
            unsent = ByteBuffer.wrap(frame);
            limit(limits.answer(), "no answer");
            stream.write(unsent);
        }

        private void open(KadAction.Ask ask) {
            int attempt = ++attempts;
            opening = true;
            limit(limits.opening(), "no stream");
            streams.open(
                    peer,
                    ask.addresses(),
                    this,
                    opened -> opened(attempt, ask, opened),
                    reason -> giveUp(attempt, reason));
        }

        private void opened(int attempt, KadAction.Ask ask, Stream opened) {
            if (closed || !opening || attempt != attempts) {
                opened.reset(ResetCode.UNSPECIFIED); // came too late
                return;
            }
            opening = false;
            stream = opened;
            proven = false;
            reader = new FrameReader(MAX_ANSWER_BYTES);
            if (listener.isWanted(ask.requestId())) {
                send(ask);
            } else {
                stopTimer();
                current = null;
                proceed();
            }
        }

        /** The peer can't be talked to: all that waits fails. Unless it's no longer this attempt that goes on. */
        private void giveUp(int attempt, String reason) {
            KadAction.Ask failed = current;
            if (closed || failed == null || attempt != attempts) {
                return;
            }
            drop(ResetCode.UNSPECIFIED);
            List<KadAction.Ask> all = new ArrayList<>(List.of(failed));
            all.addAll(waiting);
            waiting.clear();
            current = null;
            conversations.remove(peer, this);
            fail(all, reason);
        }

        private void fail(List<KadAction.Ask> asks, String reason) {
            if (closed) {
                return;
            }
            log.debug("{} of {}: {} requests failed: {}", streams.protocol(), peer, asks.size(), reason);
            asks.forEach(ask -> traffic.requestFailed());
            listener.failed(asks.stream().map(KadAction.Ask::requestId).toList());
        }

        @Override
        public void received(Stream from, ByteBuffer bytes) {
            int count = bytes.remaining();
            if (from != stream) {
                return;
            }
            try {
                Optional<byte[]> frame = reader.next(bytes);
                if (frame.isPresent() && !bytes.hasRemaining() && current != null && !unsent.hasRemaining()) {
                    from.consumed(count);
                    answered(current, frame.get());
                } else if (frame.isPresent() || current == null) {
                    lost(ResetCode.PROTOCOL_VIOLATION, "bytes that nobody asked for");
                } else {
                    from.consumed(count);
                    partial += count;
                    partialBytes += count;
                    if (partialBytes > MAX_PARTIAL_BYTES) {
                        lost(ResetCode.RESOURCE_LIMIT_EXCEEDED, "too many long answers at a time");
                    }
                }
            } catch (MalformedException e) {
                lost(ResetCode.PROTOCOL_VIOLATION, String.valueOf(e.getMessage()));
            }
        }

        private void answered(KadAction.Ask ask, byte[] frame) {
            KadMessage answer = KadMessage.parse(frame);
            traffic.received(answer.type(), frame.length + Varint.length(frame.length));
            partialBytes -= partial;
            partial = 0;
            proven = true;
            current = null;
            stopTimer();
            proceed(); // before anything is made of the answer, so that the next one is on its way meanwhile
            listener.answered(ask.requestId(), answer);
        }

        @Override
        public void writable(Stream writable) {
            if (writable == stream) {
                writable.write(unsent);
            }
        }

        @Override
        public void halfClosed(Stream ended) {
            if (ended == stream) {
                if (current == null && !reader.insideMessage()) {
                    stream = null; // The peer keeps no streams; some close them after each answer.
                    ended.closeWrite();
                    conversations.remove(peer, this);
                } else {
                    lost(ResetCode.UNSPECIFIED, "the peer has ended the stream");
                }
            }
        }

        @Override
        public void closed(Stream gone, Optional<StreamLostException> failure) {
            if (gone == stream) {
                lost(ResetCode.UNSPECIFIED, failure.map(Throwable::toString).orElse("the stream has ended"));
            }
        }

        /** The stream is of no use any more. Tries what is under way on a fresh one, if this one has worked before. */
        private void lost(long code, String reason) {
            drop(code);
            KadAction.Ask failed = current;
            if (failed == null) {
                conversations.remove(peer, this);
            } else if (proven && !retried) {
                retried = true;
                open(failed);
            } else {
                current = null;
                proceed();
                fail(List.of(failed), reason);
            }
        }

        /** Forgets the stream, or the attempt to open one. */
        private void drop(long code) {
            stopTimer();
            partialBytes -= partial;
            partial = 0;
            Stream dropped = stream;
            stream = null;
            if (dropped != null) {
                dropped.reset(code);
            }
            opening = false; // If it comes to something after all, it's reset then.
        }

        private void limit(Duration limit, String reason) {
            stopTimer();
            int attempt = attempts;
            timer = streams.executor()
                    .schedule(
                            () -> giveUp(attempt, "%s within %s".formatted(reason, limit)),
                            limit.toNanos(),
                            TimeUnit.NANOSECONDS);
        }

        private void stopTimer() {
            if (timer != null) {
                timer.cancel(false);
                timer = null;
            }
        }

        void close() {
            drop(ResetCode.SHUTDOWN);
        }
    }
}
