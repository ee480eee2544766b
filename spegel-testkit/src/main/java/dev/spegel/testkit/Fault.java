package dev.spegel.testkit;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Map;

/**
 * What a {@link FaultyPeer} does wrong with one request. Positions are bytes of the body that it would send, from 0: of the
 * asked range, where there is one. A position that the body doesn't reach changes nothing.
 */
public sealed interface Fault {
    /** Nothing: the request is answered as a registry should. */
    record None() implements Fault {}

    /** Takes the connection and closes it before it has read a request. */
    record CloseAfterAccept() implements Fault {}

    /** Reads the request and never answers, until the client hangs up or the peer is closed. */
    record StallBeforeHeaders() implements Fault {}

    /** Waits before it answers, then does as it should. */
    record LateHeaders(Duration pause) implements Fault {
        public LateHeaders {
            requirePause(pause);
        }
    }

    /** Sends this many bytes of the body, then no more, until the client hangs up or the peer is closed. */
    record StallAt(long position) implements Fault {
        public StallAt {
            requirePosition(position);
        }
    }

    /** Sends this many bytes of the body, then ends the connection in order (FIN). */
    record CutAt(long position) implements Fault {
        public CutAt {
            requirePosition(position);
        }
    }

    /**
     * Sends this many bytes of the body, then resets the connection (RST). The client's system may throw away bytes that the
     * client hasn't read by then.
     */
    record ResetAt(long position) implements Fault {
        public ResetAt {
            requirePosition(position);
        }
    }

    /** Flips all bits of the byte at this position, and sends the rest as it is. */
    record CorruptAt(long position) implements Fault {
        public CorruptAt {
            requirePosition(position);
        }
    }

    /** Answers with this status, these headers and no body. */
    record Answer(int status, Map<String, String> headers) implements Fault {
        public Answer {
            headers = Map.copyOf(headers);
            if (status < 200 || status > 599) {
                throw new IllegalArgumentException("a final status is 200 to 599, got " + status);
            }
        }

        /** Without headers. */
        public Answer(int status) {
            this(status, Map.of());
        }

        /** 307, with this target. */
        public static Answer redirectTo(String location) {
            return new Answer(307, Map.of("Location", location));
        }
    }

    /**
     * Announces a {@code Content-Length} that is off by this much, sends the whole body all the same, then ends the connection.
     * Never announces less than 0.
     */
    record WrongLength(long difference) implements Fault {
        public WrongLength {
            if (difference == 0) {
                throw new IllegalArgumentException("a wrong length differs from the right one, got a difference of 0");
            }
        }
    }

    /** Where a range is asked for, says that the answer begins one byte later than it does. */
    record WrongContentRange() implements Fault {}

    /** Answers 200 with the whole content, whatever range is asked for. */
    record IgnoreRange() implements Fault {}

    /** Sends the body in pieces of this size, and waits after each. */
    record Trickle(int pieceBytes, Duration pause) implements Fault {
        public Trickle {
            requirePause(pause);
            if (pieceBytes < 1) {
                throw new IllegalArgumentException("pieceBytes must be positive, got " + pieceBytes);
            }
        }
    }

    private static void requirePause(Duration pause) {
        requireNonNull(pause, "pause");
        if (pause.isNegative()) {
            throw new IllegalArgumentException("pause must not be negative, got " + pause);
        }
    }

    private static void requirePosition(long position) {
        if (position < 0) {
            throw new IllegalArgumentException("a position is at least 0, got " + position);
        }
    }
}
