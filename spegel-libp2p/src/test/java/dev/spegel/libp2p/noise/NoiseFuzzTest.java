package dev.spegel.libp2p.noise;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerIdMismatchException;
import java.nio.ByteBuffer;
import java.util.List;

class NoiseFuzzTest {
    private static final NoiseIdentity NODE =
            NoiseIdentity.create(KeyPair.ofSeed(new byte[32]), List.of("/yamux/1.0.0"));

    @FuzzTest
    void aPayloadIsReadOrRefused(byte[] input) {
        try {
            NoisePayload payload = NoisePayload.parse(input);
            assertThat(payload.muxers()).hasSizeLessThanOrEqualTo(NoisePayload.MAX_MUXERS);
            payload.verify(new byte[32]);
            throw new AssertionError("a payload without our Noise key was believed");
        } catch (NoiseException e) {
            assertThat(e).hasMessageMatching("(?s).{1,1000}");
        }
    }

    @FuzzTest
    void aListenerTakesWholeMessagesOrRefuses(byte[] input) throws PeerIdMismatchException {
        NoiseHandshake listener = NODE.accept();
        listener.start();
        ByteBuffer received = ByteBuffer.wrap(input);
        try {
            byte[] answer = listener.advance(received);
            assertThat(answer.length > 0).isEqualTo(received.position() > 0);
        } catch (NoiseException e) {
            assertThat(received.position()).isPositive();
        }
        assertThat(listener.channel()).isEmpty();
    }

    @FuzzTest
    void aDiallerTakesNothingButAnAnswer(byte[] input) throws PeerIdMismatchException {
        NoiseHandshake dialler = NODE.dialAnyone();
        dialler.start();
        ByteBuffer received = ByteBuffer.wrap(input);
        try {
            assertThat(dialler.advance(received)).isEmpty();
            assertThat(received.position()).isZero();
        } catch (NoiseException e) {
            assertThat(received.position()).isPositive();
        }
        assertThat(dialler.channel()).isEmpty();
    }
}
