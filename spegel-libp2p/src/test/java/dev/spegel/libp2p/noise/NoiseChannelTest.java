package dev.spegel.libp2p.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.spegel.libp2p.identity.KeyPair;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class NoiseChannelTest {
    private static final byte[] ONE_WAY = new byte[32];
    private static final byte[] OTHER_WAY = {
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
        31, 32
    };

    private static final KeyPair SOMEBODY = KeyPair.ofSeed(new byte[32]);

    private final NoiseChannel near = channel(new CipherState(ONE_WAY), new CipherState(OTHER_WAY));
    private final NoiseChannel far = channel(new CipherState(OTHER_WAY), new CipherState(ONE_WAY));

    private static NoiseChannel channel(CipherState sending, CipherState receiving) {
        return new NoiseChannel(SOMEBODY.publicKey(), Optional.empty(), sending, receiving);
    }

    private static ByteBuffer sealed(NoiseChannel channel, int textBytes) throws NoiseException {
        byte[] text = new byte[textBytes];
        for (int i = 0; i < textBytes; i++) {
            text[i] = (byte) (i * 31);
        }
        ByteBuffer frames = ByteBuffer.allocate(NoiseChannel.sealedBytes(textBytes));
        channel.seal(ByteBuffer.wrap(text), frames);
        assertThat(frames.hasRemaining()).isFalse();
        return frames.flip();
    }

    @Test
    void emptyTextIsNoFrame() throws NoiseException {
        assertThat(sealed(near, 0).remaining()).isZero();
    }

    @Test
    void aFrameHoldsAtMost65519BytesOfText() throws NoiseException {
        ByteBuffer one = sealed(near, 65_519);
        assertThat(one.remaining()).isEqualTo(65_537);
        assertThat(NoiseChannel.plaintextBytes(one)).isEqualTo(65_519);

        ByteBuffer two = sealed(near, 65_520);
        assertThat(two.remaining()).isEqualTo(65_537 + 2 + 1 + 16);
        assertThat(NoiseChannel.plaintextBytes(two)).isEqualTo(65_519);
    }

    @Property(tries = 100)
    void whatIsSealedIsOpenedHoweverItArrives(
            @ForAll @IntRange(min = 1, max = 200_000) int textBytes,
            @ForAll @Size(min = 1, max = 10) int[] pieces,
            @ForAll boolean direct)
            throws NoiseException {
        NoiseChannel sender = channel(new CipherState(ONE_WAY), new CipherState(OTHER_WAY));
        NoiseChannel receiver = channel(new CipherState(OTHER_WAY), new CipherState(ONE_WAY));
        ByteBuffer wire = sealed(sender, textBytes);
        ByteBuffer received = direct ? ByteBuffer.allocateDirect(65_537) : ByteBuffer.allocate(65_537);
        ByteBuffer text = direct ? ByteBuffer.allocateDirect(textBytes) : ByteBuffer.allocate(textBytes);

        for (int turn = 0; wire.hasRemaining(); turn++) {
            int piece = 1 + Math.floorMod(pieces[turn % pieces.length], 70_000);
            int length = Math.min(Math.min(piece, wire.remaining()), received.remaining());
            received.put(wire.slice(wire.position(), length)).flip();
            wire.position(wire.position() + length);
            while (NoiseChannel.plaintextBytes(received) >= 0) {
                receiver.open(received, text);
            }
            received.compact();
        }

        assertThat(received.position()).isZero();
        assertThat(text.flip().remaining()).isEqualTo(textBytes);
        for (int i = 0; i < textBytes; i++) {
            if (text.get(i) != (byte) (i * 31)) {
                assertThat(text.get(i)).as("byte %d", i).isEqualTo((byte) (i * 31));
            }
        }
    }

    @Test
    void anEmptyFrameIsAllowed() throws NoiseException {
        byte[] tag = new CipherState(ONE_WAY).encrypt(new byte[0], new byte[0]);
        ByteBuffer frame = ByteBuffer.allocate(18).putShort((short) 16).put(tag).flip();

        assertThat(NoiseChannel.plaintextBytes(frame)).isZero();
        far.open(frame, ByteBuffer.allocate(0));
        assertThat(frame.hasRemaining()).isFalse();
    }

    @Test
    void aFrameIsLeftAloneUntilItIsWhole() throws NoiseException {
        ByteBuffer frame = sealed(near, 10);
        for (int length = 0; length < frame.remaining(); length++) {
            ByteBuffer part = frame.duplicate().limit(length);
            assertThat(NoiseChannel.plaintextBytes(part)).isEqualTo(-1);
            assertThatIllegalArgumentException().isThrownBy(() -> far.open(part, ByteBuffer.allocate(10)));
            assertThat(part.position()).isZero();
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> far.open(frame, ByteBuffer.allocate(9)))
                .withMessageContaining("holds 10 bytes of text, there is room for 9");

        ByteBuffer text = ByteBuffer.allocate(10);
        far.open(frame, text);
        assertThat(text.hasRemaining()).isFalse();
    }

    @Test
    void everyDamagedByteIsNoticed() throws NoiseException {
        byte[] frame = sealed(near, 5).array();
        for (int at = 2; at < frame.length; at++) {
            byte[] damaged = frame.clone();
            damaged[at] ^= 0x40;
            NoiseChannel receiver = channel(new CipherState(OTHER_WAY), new CipherState(ONE_WAY));
            ByteBuffer text = ByteBuffer.allocate(5);
            assertThatExceptionOfType(NoiseException.class)
                    .as("byte %d", at)
                    .isThrownBy(() -> receiver.open(ByteBuffer.wrap(damaged), text));
            assertThat(text.array()).as("byte %d", at).containsOnly(0);
        }
    }

    @Test
    void afterABrokenFrameNothingIsOpened() throws NoiseException {
        ByteBuffer good = sealed(near, 5);
        byte[] broken = Arrays.copyOf(new byte[] {0, 15}, 17);
        assertThat(NoiseChannel.plaintextBytes(ByteBuffer.wrap(broken))).isZero();
        assertThatExceptionOfType(NoiseException.class)
                .isThrownBy(() -> far.open(ByteBuffer.wrap(broken), ByteBuffer.allocate(0)))
                .withMessageContaining("at least its tag");

        assertThatExceptionOfType(NoiseException.class)
                .isThrownBy(() -> far.open(good, ByteBuffer.allocate(5)))
                .withMessageContaining("an earlier frame");
    }

    @Test
    void framesDontCountTwiceNorTheOtherWay() throws NoiseException {
        ByteBuffer frame = sealed(near, 5);
        far.open(frame.duplicate(), ByteBuffer.allocate(5));

        assertThatExceptionOfType(NoiseException.class)
                .as("replayed")
                .isThrownBy(() -> far.open(frame.duplicate(), ByteBuffer.allocate(5)));
        assertThatExceptionOfType(NoiseException.class)
                .as("reflected")
                .isThrownBy(() -> near.open(frame.duplicate(), ByteBuffer.allocate(5)));
    }

    @Test
    void sealingNeedsRoom() throws NoiseException {
        ByteBuffer text = ByteBuffer.allocate(5);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> near.seal(text, ByteBuffer.allocate(22)))
                .withMessageContaining("5 bytes of text take 23 bytes sealed");
        assertThat(text.position()).isZero();
        assertThatIllegalArgumentException().isThrownBy(() -> NoiseChannel.sealedBytes(-1));
    }

    @Test
    void aKeyIsNeverWornOut() {
        NoiseChannel old = channel(new CipherState(ONE_WAY, -1), new CipherState(OTHER_WAY));

        assertThatExceptionOfType(NoiseException.class)
                .isThrownBy(() -> old.seal(ByteBuffer.allocate(1), ByteBuffer.allocate(19)));
    }
}
