package dev.spegel.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Keeps, apart from any session, the account of what one side may send: 256 KiB a stream, and what the other side has added. */
final class WindowWatch {
    private final Map<Long, Long> allowance = new HashMap<>();
    private final Set<Long> opened = new HashSet<>();
    private final Set<Long> accepted = new HashSet<>();

    /**
     * Reads whole frames that the peer of this side sends.
     *
     * @param peer the account of what the peer itself sends
     */
    void peerSends(ByteBuffer frames, WindowWatch peer) {
        while (frames.hasRemaining()) {
            FrameHeader header;
            try {
                header = FrameHeader.read(frames);
            } catch (ProtocolViolation e) {
                throw new AssertionError(e);
            }
            if (header.type() == FrameHeader.Type.DATA) {
                assertThat(header.flags()).isZero();
                assertThat(header.length()).isBetween(1L, (long) YamuxStream.MAX_DATA_BYTES);
                frames.position(frames.position() + (int) header.length());
                long left = peer.add(header.streamId(), -header.length());
                assertThat(left).as("allowance of stream %d", header.streamId()).isNotNegative();
            } else if (header.type() == FrameHeader.Type.WINDOW_UPDATE) {
                if (header.has(FrameHeader.SYN)) {
                    assertThat(peer.opened.add(header.streamId()))
                            .as("SYN is sent once")
                            .isTrue();
                }
                if (header.has(FrameHeader.ACK)) {
                    assertThat(peer.accepted.add(header.streamId()))
                            .as("ACK is sent once")
                            .isTrue();
                }
                if (!header.has(FrameHeader.RST)) {
                    add(header.streamId(), header.length());
                }
            } else {
                assertThat(header.type()).isEqualTo(FrameHeader.Type.PING);
            }
        }
    }

    private long add(long streamId, long count) {
        return allowance.merge(streamId, ReceiveWindow.INITIAL + count, (had, ignored) -> had + count);
    }
}
