package dev.spegel.libp2p.pnet;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.libp2p.multiformats.MalformedException;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreSharedKeyTest {
    private static final String HEADER = "/key/swarm/psk/1.0.0/\n";
    private static final byte[] KEY =
            HexFormat.of().parseHex("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389");

    @TempDir
    private Path directory;

    private static PreSharedKey parse(String text) {
        return PreSharedKey.parse(text.getBytes(US_ASCII));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n", "  \n"})
    void everyEncodingGivesTheKey(String end) {
        PreSharedKey key = PreSharedKey.of(KEY);
        assertThat(parse(HEADER + "/base16/\n" + HexFormat.of().formatHex(KEY) + end))
                .isEqualTo(key);
        assertThat(parse(HEADER + "/base16/\n" + HexFormat.of().withUpperCase().formatHex(KEY) + end))
                .isEqualTo(key);
        assertThat(parse(HEADER + "/base64/\n" + Base64.getEncoder().encodeToString(KEY) + end))
                .isEqualTo(key);
        assertThat(parse(HEADER.replace("\n", "\r\n") + "/base16/\r\n"
                        + HexFormat.of().formatHex(KEY) + end))
                .isEqualTo(key);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n"})
    void aKeyInBytesIsTakenAsItIs(String end) throws Exception {
        byte[] key = new byte[PreSharedKey.BYTES];
        Arrays.fill(key, (byte) '\n'); // no lines are looked for in it
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write((HEADER + "/bin/\n").getBytes(US_ASCII));
        file.write(key);
        file.write(end.getBytes(US_ASCII));
        assertThat(PreSharedKey.parse(file.toByteArray())).isEqualTo(PreSharedKey.of(key));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = false, textBlock = """
                    ''|begins with a line /key/swarm/psk/1.0.0/
                    /key/swarm/psk/2.0.0/,/base16/,ab|begins with a line /key/swarm/psk/1.0.0/
                    /key/swarm/psk/1.0.0/|the second line
                    /key/swarm/psk/1.0.0/,/base58/,ab|the second line of a pre-shared key's file is /base16/, /base64/ or /bin/, got "/base58/"
                    /key/swarm/psk/1.0.0/,/base16/,abcd|has 32 bytes, got 2
                    /key/swarm/psk/1.0.0/,/base16/,hunter2!|what follows /base16/ isn't so encoded
                    /key/swarm/psk/1.0.0/,/base64/,hunter2!|what follows /base64/ isn't so encoded
                    /key/swarm/psk/1.0.0/,/bin/,short|has 32 bytes, got 5
                    """)
    void somethingElseIsRefusedWithoutShowingIt(String lines, String message) {
        assertThatThrownBy(() -> parse(lines.replace(',', '\n')))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("hunter2")
                .hasNoCause();
    }

    @Test
    void aLongFileIsRefusedUnread() throws Exception {
        Path file = Files.write(directory.resolve("long"), new byte[PreSharedKey.MAX_FILE_BYTES + 1]);
        assertThatThrownBy(() -> PreSharedKey.load(file))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("at most 256 bytes");
        assertThatThrownBy(() -> PreSharedKey.load(directory.resolve("none"))).isInstanceOf(NoSuchFileException.class);
    }

    /** From "Cryptography in NaCl", section 9: what crypto_stream makes of this key and nonce. */
    @Test
    void streamsAreThoseOfXSalsa20() {
        byte[] nonce = HexFormat.of().parseHex("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37");
        byte[] zeros = new byte[32];
        PrivateStream stream = PreSharedKey.of(KEY).stream(nonce);
        stream.apply(zeros, 0, 5);
        stream.apply(zeros, 5, 27);
        assertThat(zeros)
                .isEqualTo(HexFormat.of().parseHex("eea6a7251c1e72916d11c2cb214d3c252539121d8e234e652d651fa4c8cff880"));
    }

    @Test
    void isAValueThatKeepsItsSecret() {
        byte[] given = KEY.clone();
        PreSharedKey key = PreSharedKey.of(given);
        given[0]++;
        assertThat(key).isEqualTo(PreSharedKey.of(KEY)).hasSameHashCodeAs(PreSharedKey.of(KEY));
        assertThat(key).isNotEqualTo(PreSharedKey.of(given)).hasToString("a pre-shared key");
        assertThatThrownBy(() -> PreSharedKey.of(new byte[31])).hasMessageContaining("got 31");
    }
}
