package dev.spegel.libp2p.noise;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class XxHandshakeTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] NOTHING = {};

    private final XxHandshake initiator =
            new XxHandshake(true, NoiseKeys.INITIATOR_STATIC, NoiseKeys.INITIATOR_EPHEMERAL, NOTHING);
    private final XxHandshake responder =
            new XxHandshake(false, NoiseKeys.RESPONDER_STATIC, NoiseKeys.RESPONDER_EPHEMERAL, NOTHING);

    /** One block of the vectors: payloads and messages have the same positions. */
    record Block(String prologue, List<byte[]> payloads, List<byte[]> messages) {
        @Override
        public String toString() {
            return "prologue " + prologue + ", first payload " + HEX.formatHex(payloads.get(0));
        }
    }

    static List<Block> blocks() throws IOException {
        List<Block> blocks = new ArrayList<>();
        String text;
        try (InputStream in =
                Objects.requireNonNull(XxHandshakeTest.class.getResourceAsStream("xx-vectors.txt"), "xx-vectors.txt")) {
            text = new String(in.readAllBytes(), UTF_8);
        }
        for (String line : text.lines().filter(line -> !line.startsWith("#")).toList()) {
            List<String> words = Arrays.asList(line.split(" ", -1));
            if (words.get(0).equals("prologue")) {
                blocks.add(new Block(words.get(1), new ArrayList<>(), new ArrayList<>()));
            } else {
                Block block = blocks.get(blocks.size() - 1);
                block.payloads().add(words.get(2).equals("-") ? NOTHING : HEX.parseHex(words.get(2)));
                block.messages().add(HEX.parseHex(words.get(3)));
            }
        }
        assertThat(blocks)
                .hasSize(4)
                .allSatisfy(block -> assertThat(block.messages()).hasSize(5));
        return blocks;
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void saysWhatTheVectorsSay(Block block) throws NoiseException {
        XxHandshake first = new XxHandshake(
                true, NoiseKeys.INITIATOR_STATIC, NoiseKeys.INITIATOR_EPHEMERAL, HEX.parseHex(block.prologue()));
        XxHandshake second = new XxHandshake(
                false, NoiseKeys.RESPONDER_STATIC, NoiseKeys.RESPONDER_EPHEMERAL, HEX.parseHex(block.prologue()));
        for (int i = 0; i < 3; i++) {
            XxHandshake writer = i == 1 ? second : first;
            XxHandshake reader = i == 1 ? first : second;
            assertThat(writer.write(block.payloads().get(i)))
                    .as("message %d", i)
                    .isEqualTo(block.messages().get(i));
            assertThat(reader.read(block.messages().get(i)))
                    .as("payload %d", i)
                    .isEqualTo(block.payloads().get(i));
        }
        assertThat(first.done() && second.done()).isTrue();
        assertThat(first.handshakeHash()).isEqualTo(second.handshakeHash());
        assertThat(new CipherState(first.sendingKey())
                        .encrypt(NOTHING, block.payloads().get(3)))
                .isEqualTo(block.messages().get(3));
        assertThat(new CipherState(second.receivingKey())
                        .decrypt(NOTHING, block.messages().get(3)))
                .isEqualTo(block.payloads().get(3));
        assertThat(new CipherState(second.sendingKey())
                        .encrypt(NOTHING, block.payloads().get(4)))
                .isEqualTo(block.messages().get(4));
        assertThat(new CipherState(first.receivingKey())
                        .decrypt(NOTHING, block.messages().get(4)))
                .isEqualTo(block.payloads().get(4));
    }

    @Test
    void givesEachEndTheKeysOfTheVectors() throws NoiseException {
        responder.read(initiator.write(NOTHING));
        initiator.read(responder.write(NOTHING));
        responder.read(initiator.write(NOTHING));

        assertThat(initiator.sendingKey())
                .asHexString()
                .isEqualToIgnoringCase("4759d15f0f4cfb9c3cef133e60b44ea3479cae90880a7e71df96f111d78d5953");
        assertThat(initiator.receivingKey())
                .asHexString()
                .isEqualToIgnoringCase("a8b5dce3cef845d63c9671c350eb15cbb50b6c6d5f0d3231d32d711dab1ed191");
        assertThat(responder.sendingKey()).isEqualTo(initiator.receivingKey());
        assertThat(responder.receivingKey()).isEqualTo(initiator.sendingKey());
        assertThat(responder.remoteStatic())
                .asHexString()
                .isEqualToIgnoringCase("8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f");
        assertThat(initiator.remoteStatic())
                .asHexString()
                .isEqualToIgnoringCase("07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c");
    }

    @Test
    void knowsWhoseTurnItIs() throws NoiseException {
        assertThat(initiator.writesNext()).isTrue();
        assertThat(responder.writesNext()).isFalse();
        assertThatIllegalStateException().isThrownBy(() -> responder.write(NOTHING));
        assertThatIllegalStateException().isThrownBy(() -> initiator.read(NOTHING));
        assertThatIllegalStateException().isThrownBy(initiator::sendingKey);
        assertThatIllegalStateException().isThrownBy(initiator::remoteStatic);

        responder.read(initiator.write(NOTHING));
        assertThat(initiator.writesNext()).isFalse();
        assertThat(responder.writesNext()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 31})
    void aFirstMessageWithoutItsKeyIsRefused(int length) {
        assertThatExceptionOfType(NoiseException.class)
                .isThrownBy(() -> responder.read(new byte[length]))
                .withMessageContaining("message 1 ends after %d bytes", length);
    }

    @Test
    void everyTruncatedSecondAndThirdMessageIsRefused() throws NoiseException {
        responder.read(initiator.write(NOTHING));
        byte[] second = responder.write(NOTHING);
        for (int length = 0; length < second.length; length++) {
            XxHandshake reader = freshInitiator();
            byte[] cut = Arrays.copyOf(second, length);
            assertThatExceptionOfType(NoiseException.class)
                    .as("%d bytes", length)
                    .isThrownBy(() -> reader.read(cut));
        }
        initiator.read(second);
        byte[] third = initiator.write(NOTHING);
        for (int length = 0; length < third.length; length++) {
            XxHandshake reader = freshResponder();
            byte[] cut = Arrays.copyOf(third, length);
            assertThatExceptionOfType(NoiseException.class)
                    .as("%d bytes", length)
                    .isThrownBy(() -> reader.read(cut));
        }
    }

    @Test
    void everyFlippedBitOfTheSecondMessageIsNoticed() throws NoiseException {
        responder.read(initiator.write(NOTHING));
        byte[] second = responder.write(NOTHING);
        for (int at = 0; at < second.length; at++) {
            XxHandshake reader = freshInitiator();
            byte[] damaged = second.clone();
            damaged[at] ^= 1;
            assertThatExceptionOfType(NoiseException.class).as("byte %d", at).isThrownBy(() -> reader.read(damaged));
        }
    }

    /** The points of small order: RFC 7748, section 6.1, has an implementation check for the zero that they give. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0100000000000000000000000000000000000000000000000000000000000000",
                "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
            })
    void aKeyThatGivesNoSecretIsRefused(String hex) throws NoiseException {
        responder.read(HEX.parseHex(hex));

        assertThatExceptionOfType(NoiseException.class)
                .isThrownBy(() -> responder.write(NOTHING))
                .withMessageContaining("no secret");
    }

    private static XxHandshake freshInitiator() throws NoiseException {
        XxHandshake fresh = new XxHandshake(true, NoiseKeys.INITIATOR_STATIC, NoiseKeys.INITIATOR_EPHEMERAL, NOTHING);
        fresh.write(NOTHING);
        return fresh;
    }

    private static XxHandshake freshResponder() throws NoiseException {
        XxHandshake fresh = new XxHandshake(false, NoiseKeys.RESPONDER_STATIC, NoiseKeys.RESPONDER_EPHEMERAL, NOTHING);
        fresh.read(NoiseKeys.INITIATOR_EPHEMERAL.publicBytes());
        fresh.write(NOTHING);
        return fresh;
    }
}
