package dev.spegel.libp2p.noise;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.identity.PeerIdMismatchException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One connection's handshake: three messages, after which {@link #channel} is there. The caller sends {@link #start} first, then
 * hands in what arrives and sends what {@link #advance} returns.
 *
 * <p>The dialler checks the listener's identity before it shows its own, and so a listener may see a connection end after its
 * own message: somebody only wanted to learn its peer ID. An exception ends the handshake for good; nothing is left to say, so
 * the caller closes the connection.
 *
 * <p>One thread at a time.
 */
public final class NoiseHandshake {
    private static final byte[] NOTHING = {};

    private final XxHandshake noise;
    private final boolean initiator;
    private final byte[] ourPayload;
    private final List<String> ourMuxers;
    private final Optional<PeerId> expected;
    private @Nullable NoisePayload theirs;
    private @Nullable NoiseChannel channel;
    private boolean started;
    private boolean failed;

    NoiseHandshake(
            XxHandshake noise,
            boolean initiator,
            byte[] ourPayload,
            List<String> ourMuxers,
            Optional<PeerId> expected) {
        this.noise = noise;
        this.initiator = initiator;
        this.ourPayload = ourPayload;
        this.ourMuxers = ourMuxers;
        this.expected = expected;
    }

    /**
     * Begins, and returns the bytes to send: the first message of the one who dialled, nothing from the one who was.
     *
     * @throws IllegalStateException at a second call
     */
    public byte[] start() {
        if (started) {
            throw new IllegalStateException("this handshake has been started before");
        }
        started = true;
        if (!initiator) {
            return NOTHING;
        }
        try {
            return framed(noise.write(NOTHING));
        } catch (NoiseException e) {
            throw new IllegalStateException("the first message depends on nothing of the remote's", e);
        }
    }

    /**
     * Takes in the messages that have arrived whole and returns the bytes to send in answer, maybe none. A message of which a
     * part is missing stays in the buffer, and so does whatever follows the last: that belongs to the {@link #channel}, and may
     * well arrive together with it. A caller never needs to keep more than 65,537 bytes for this to make progress.
     *
     * @throws NoiseException if the remote breaks a rule or can't prove who it is, now or at an earlier call
     * @throws PeerIdMismatchException if it is another peer than the one that was dialled
     * @throws IllegalStateException before {@link #start}, and once the channel is there
     */
    public byte[] advance(ByteBuffer received) throws NoiseException, PeerIdMismatchException {
        if (!started || channel != null) {
            throw new IllegalStateException(started ? "this handshake is over" : "this handshake hasn't been started");
        }
        if (failed) {
            throw new NoiseException("this handshake failed before");
        }
        failed = true; // until it has gone well
        byte[] answer = NOTHING; // either side gives just one
        int messageBytes = NoiseFrame.wholeMessageBytes(received);
        while (messageBytes >= 0 && channel == null) {
            byte[] message = new byte[messageBytes];
            NoiseFrame.take(received, messageBytes).get(message);
            read(message);
            if (noise.writesNext()) {
                answer = framed(noise.write(ourPayload));
            }
            if (noise.done()) {
                channel = open();
            }
            messageBytes = NoiseFrame.wholeMessageBytes(received);
        }
        failed = false;
        return answer;
    }

    /** The secured connection, once the handshake is complete. */
    public Optional<NoiseChannel> channel() {
        return Optional.ofNullable(channel);
    }

    private void read(byte[] message) throws NoiseException, PeerIdMismatchException {
        byte[] payload = noise.read(message);
        if (noise.writesNext() && !initiator) {
            return; // the first message: libp2p puts nothing in it, and whatever there is nobody vouches for
        }
        NoisePayload parsed = NoisePayload.parse(payload);
        PeerId actual = parsed.identityKey().peerId();
        // In this order, as go-libp2p does, so that a dialler learns who is there even if it is somebody else.
        if (expected.isPresent() && !expected.get().equals(actual)) {
            throw new PeerIdMismatchException(expected.get(), actual);
        }
        parsed.verify(noise.remoteStatic());
        theirs = parsed;
    }

    private NoiseChannel open() {
        if (theirs == null) {
            throw new IllegalStateException("all three messages are through, and no payload among them");
        }
        List<String> preferred = initiator ? ourMuxers : theirs.muxers();
        List<String> other = initiator ? theirs.muxers() : ourMuxers;
        // The dialler's first choice that the listener shares: connections/inlined-muxer-negotiation.md. None in common
        // means
        // to negotiate later, as go-libp2p does, and not to fail.
        Optional<String> muxer = preferred.stream().filter(other::contains).findFirst();
        return new NoiseChannel(
                theirs.identityKey(),
                muxer,
                new CipherState(noise.sendingKey()),
                new CipherState(noise.receivingKey()));
    }

    private static byte[] framed(byte[] message) {
        ByteBuffer frame = ByteBuffer.allocate(NoiseFrame.LENGTH_BYTES + message.length);
        NoiseFrame.putLength(frame, message.length);
        return frame.put(message).array();
    }
}
