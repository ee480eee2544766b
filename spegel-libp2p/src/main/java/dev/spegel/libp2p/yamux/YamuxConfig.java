package dev.spegel.libp2p.yamux;

import java.time.Duration;

/**
 * The bounds and time limits of a session.
 *
 * @param maxInboundStreams streams that the peer may have open at a time; further ones are reset
 * @param maxOutboundStreams streams that this side may have open at a time
 * @param acceptBacklog streams opened by the peer whose {@link YamuxEvent.StreamOpened} isn't taken yet; further ones are reset
 * @param maxWindowBytes how far the receive window of one stream may grow
 * @param maxReceivedBytes bytes that the application holds unconsumed, over all streams; the stream that crosses this is reset.
 *     Windows don't grow beyond it in sum
 * @param maxUnsentBytesPerStream bytes that wait to be sent on one stream
 * @param maxUnsentBytes bytes that wait to be sent, over all streams
 * @param pingInterval time from one ping to the next
 * @param pingTimeout how long a ping may stay unanswered while nothing else arrives either
 * @param writeTimeout how long there may be something to send of which the connection takes nothing
 */
public record YamuxConfig(
        int maxInboundStreams,
        int maxOutboundStreams,
        int acceptBacklog,
        int maxWindowBytes,
        int maxReceivedBytes,
        int maxUnsentBytesPerStream,
        int maxUnsentBytes,
        Duration pingInterval,
        Duration pingTimeout,
        Duration writeTimeout) {
    private static final int MIB = 1 << 20;

    /**
     * As go-libp2p sets go-yamux where it has the setting: backlog 256, windows up to 16 MiB, pings every 30 s, 10 s to answer
     * and to write. It leaves the number of streams to its resource manager, which on its smallest hosts lets a peer open 256;
     * we let it open as many. Ours are half of that, since Go ends a whole session, rather than refuse the stream, when the
     * memory it grants a peer (64 MiB, a quarter of a MiB for each stream, in all connections together) is used up. 16 MiB
     * received are 64 full first windows, and four of kad-dht's largest messages; 256 KiB unsent are one first window.
     */
    public static final YamuxConfig DEFAULTS = builder().build();

    /** @throws IllegalArgumentException if a bound isn't positive, or one that holds for all streams is less than for one */
    public YamuxConfig {
        requirePositive(maxInboundStreams, "maxInboundStreams");
        requirePositive(maxOutboundStreams, "maxOutboundStreams");
        requirePositive(acceptBacklog, "acceptBacklog");
        requireAtLeast(ReceiveWindow.INITIAL, maxWindowBytes, "maxWindowBytes");
        requireAtLeast(ReceiveWindow.INITIAL, maxReceivedBytes, "maxReceivedBytes");
        requirePositive(maxUnsentBytesPerStream, "maxUnsentBytesPerStream");
        requireAtLeast(maxUnsentBytesPerStream, maxUnsentBytes, "maxUnsentBytes");
        requirePositive(pingInterval, "pingInterval");
        requirePositive(pingTimeout, "pingTimeout");
        requirePositive(writeTimeout, "writeTimeout");
    }

    /** Starts from {@link #DEFAULTS}. */
    public static Builder builder() {
        return new Builder();
    }

    private static void requirePositive(int value, String name) {
        requireAtLeast(1, value, name);
    }

    private static void requireAtLeast(int least, int value, String name) {
        if (value < least) {
            throw new IllegalArgumentException("%s must be at least %d, got %d".formatted(name, least, value));
        }
    }

    private static void requirePositive(Duration value, String name) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException("%s must be positive, got %s".formatted(name, value));
        }
    }

    /** Makes a {@link YamuxConfig} with some settings changed. */
    public static final class Builder {
        private int maxInboundStreams = 256;
        private int maxOutboundStreams = 128;
        private int acceptBacklog = 256;
        private int maxWindowBytes = 16 * MIB;
        private int maxReceivedBytes = 16 * MIB;
        private int maxUnsentBytesPerStream = ReceiveWindow.INITIAL;
        private int maxUnsentBytes = 4 * MIB;
        private Duration pingInterval = Duration.ofSeconds(30);
        private Duration pingTimeout = Duration.ofSeconds(10);
        private Duration writeTimeout = Duration.ofSeconds(10);

        private Builder() {}

        /** Sets {@link YamuxConfig#maxInboundStreams}. */
        public Builder maxInboundStreams(int streams) {
            maxInboundStreams = streams;
            return this;
        }

        /** Sets {@link YamuxConfig#maxOutboundStreams}. */
        public Builder maxOutboundStreams(int streams) {
            maxOutboundStreams = streams;
            return this;
        }

        /** Sets {@link YamuxConfig#acceptBacklog}. */
        public Builder acceptBacklog(int streams) {
            acceptBacklog = streams;
            return this;
        }

        /** Sets {@link YamuxConfig#maxWindowBytes}. */
        public Builder maxWindowBytes(int bytes) {
            maxWindowBytes = bytes;
            return this;
        }

        /** Sets {@link YamuxConfig#maxReceivedBytes}. */
        public Builder maxReceivedBytes(int bytes) {
            maxReceivedBytes = bytes;
            return this;
        }

        /** Sets {@link YamuxConfig#maxUnsentBytesPerStream}. */
        public Builder maxUnsentBytesPerStream(int bytes) {
            maxUnsentBytesPerStream = bytes;
            return this;
        }

        /** Sets {@link YamuxConfig#maxUnsentBytes}. */
        public Builder maxUnsentBytes(int bytes) {
            maxUnsentBytes = bytes;
            return this;
        }

        /** Sets {@link YamuxConfig#pingInterval}. */
        public Builder pingInterval(Duration interval) {
            pingInterval = interval;
            return this;
        }

        /** Sets {@link YamuxConfig#pingTimeout}. */
        public Builder pingTimeout(Duration limit) {
            pingTimeout = limit;
            return this;
        }

        /** Sets {@link YamuxConfig#writeTimeout}. */
        public Builder writeTimeout(Duration limit) {
            writeTimeout = limit;
            return this;
        }

        /** @throws IllegalArgumentException if the settings don't fit together */
        public YamuxConfig build() {
            return new YamuxConfig(
                    maxInboundStreams,
                    maxOutboundStreams,
                    acceptBacklog,
                    maxWindowBytes,
                    maxReceivedBytes,
                    maxUnsentBytesPerStream,
                    maxUnsentBytes,
                    pingInterval,
                    pingTimeout,
                    writeTimeout);
        }
    }
}
