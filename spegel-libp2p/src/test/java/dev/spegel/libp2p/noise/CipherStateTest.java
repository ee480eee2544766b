package dev.spegel.libp2p.noise;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class CipherStateTest {
    private static final byte[] KEY = "0123456789abcdef0123456789abcdef".getBytes(US_ASCII);
    private static final byte[] DATA = {1, 2, 3};
    private static final byte[] TEXT = "the same text".getBytes(US_ASCII);

    @Test
    void sealsTheSameTextDifferentlyEachTime() throws NoiseException {
        CipherState sender = new CipherState(KEY);
        CipherState receiver = new CipherState(KEY);
        byte[] first = sender.encrypt(DATA, TEXT);
        byte[] second = sender.encrypt(DATA, TEXT);

        assertThat(first).isNotEqualTo(second).hasSize(TEXT.length + 16);
        assertThat(receiver.decrypt(DATA, first)).isEqualTo(TEXT);
        assertThat(receiver.decrypt(DATA, second)).isEqualTo(TEXT);
    }

    @Test
    void messagesOutOfOrderAreRefused() throws NoiseException {
        CipherState sender = new CipherState(KEY);
        sender.encrypt(DATA, TEXT);
        byte[] second = sender.encrypt(DATA, TEXT);

        assertThatExceptionOfType(NoiseException.class)
                .isThrownBy(() -> new CipherState(KEY).decrypt(DATA, second))
                .withMessageContaining("isn't authentic");
    }

    @Test
    void otherAssociatedDataIsRefused() throws NoiseException {
        byte[] sealed = new CipherState(KEY).encrypt(DATA, TEXT);

        assertThatExceptionOfType(NoiseException.class)
                .isThrownBy(() -> new CipherState(KEY).decrypt(new byte[] {1, 2}, sealed));
    }

    @Test
    void buffersAndArraysSealAlike() throws NoiseException {
        byte[] sealed = new CipherState(KEY).encrypt(new byte[0], TEXT);
        for (ByteBuffer out : new ByteBuffer[] {ByteBuffer.allocate(64), ByteBuffer.allocateDirect(64)}) {
            new CipherState(KEY).encrypt(ByteBuffer.wrap(TEXT), out);

            assertThat(out.flip()).isEqualTo(ByteBuffer.wrap(sealed));

            ByteBuffer opened = ByteBuffer.allocate(64);
            new CipherState(KEY).decrypt(out, opened);
            assertThat(opened.flip()).isEqualTo(ByteBuffer.wrap(TEXT));
        }
    }

    @Test
    void whatIsTooShortForATagIsRefused() {
        assertThatExceptionOfType(NoiseException.class)
                .isThrownBy(() -> new CipherState(KEY).decrypt(DATA, new byte[15]))
                .withMessageContaining("at least its tag of 16 bytes, got 15");
        assertThatExceptionOfType(NoiseException.class)
                .isThrownBy(() -> new CipherState(KEY).decrypt(ByteBuffer.allocate(15), ByteBuffer.allocate(15)));
    }

    @Test
    void theLastNumberIsNeverUsed() throws NoiseException {
        CipherState sender = new CipherState(KEY, -2);
        CipherState receiver = new CipherState(KEY, -2);

        assertThat(receiver.decrypt(DATA, sender.encrypt(DATA, TEXT))).isEqualTo(TEXT);
        assertThatExceptionOfType(NoiseException.class)
                .isThrownBy(() -> sender.encrypt(DATA, TEXT))
                .withMessageContaining("all the messages");
        assertThatExceptionOfType(NoiseException.class).isThrownBy(() -> receiver.decrypt(DATA, new byte[16]));
    }

    @Test
    void aKeyHasThirtyTwoBytes() {
        assertThatIllegalArgumentException().isThrownBy(() -> new CipherState(new byte[31]));
    }
}
