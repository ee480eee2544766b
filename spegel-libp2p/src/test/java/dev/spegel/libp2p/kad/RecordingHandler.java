package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.host.Stream;
import dev.spegel.libp2p.host.StreamHandler;
import dev.spegel.libp2p.host.StreamLostException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** The end of a stream that a test holds: reads messages and notes them, and how the stream ends. */
class RecordingHandler implements StreamHandler {
    final List<KadMessage> messages = new CopyOnWriteArrayList<>();
    volatile boolean halfClosed;
    volatile boolean closedInOrder;
    volatile boolean lost;
    /** Whether it reads at all. */
    volatile boolean reads = true;

    private final FrameReader reader = new FrameReader(KadMessage.MAX_BYTES);

    /** Called with each message, on the event loop. */
    void message(Stream stream, KadMessage message) {}

    @Override
    public void received(Stream stream, ByteBuffer bytes) {
        if (!reads) {
            return;
        }
        int count = bytes.remaining();
        for (Optional<byte[]> frame = reader.next(bytes); frame.isPresent(); frame = reader.next(bytes)) {
            KadMessage message = KadMessage.parse(frame.get());
            messages.add(message);
            message(stream, message);
        }
        stream.consumed(count);
    }

    @Override
    public void halfClosed(Stream stream) {
        halfClosed = true;
    }

    @Override
    public void closed(Stream stream, Optional<StreamLostException> failure) {
        closedInOrder = failure.isEmpty();
        lost = failure.isPresent();
    }
}
