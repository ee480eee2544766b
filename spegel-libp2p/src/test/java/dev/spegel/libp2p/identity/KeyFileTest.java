package dev.spegel.libp2p.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.spegel.libp2p.multiformats.MalformedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyFileTest {
    /** RFC 8410, section 10.3: the key of its first example and its public half (section 10.1). */
    private static final String RFC_8410 = """
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
            -----END PRIVATE KEY-----
            """;

    private static final String RFC_8410_PUBLIC = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";

    @TempDir
    private Path directory = Path.of("");

    private Path file = Path.of("");

    @BeforeEach
    void nameFile() {
        file = directory.resolve("private.key");
    }

    @Test
    void whatWasStoredIsLoaded() throws Exception {
        KeyPair pair = KeyPair.generate();
        KeyFile.store(pair, file);
        assertThat(KeyFile.load(file).publicKey()).isEqualTo(pair.publicKey());
        assertThat(KeyFile.load(file).sign(new byte[] {1})).isEqualTo(pair.sign(new byte[] {1}));
    }

    @Test
    void rfcsKeyIsRead() throws Exception {
        Files.writeString(file, "# made elsewhere\n" + RFC_8410.replace("\n", "\r\n"));
        assertThat(KeyFile.load(file).publicKey())
                .isEqualTo(PublicKey.ofEd25519(HexFormat.of().parseHex(RFC_8410_PUBLIC)));
    }

    @Test
    void rfcsKeyIsWrittenAlike() throws Exception {
        Files.writeString(file, RFC_8410);
        KeyFile.store(KeyFile.load(file), file);
        assertThat(file).hasContent(RFC_8410);
    }

    @Test
    void onlyItsOwnerReadsIt() throws Exception {
        assumeThat(file.getFileSystem().supportedFileAttributeViews()).contains("posix");
        Files.writeString(file, "old content, open to all");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        KeyFile.store(KeyPair.generate(), file);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void nothingElseIsLeftBehind() throws Exception {
        KeyFile.store(KeyPair.generate(), file);
        KeyFile.store(KeyPair.generate(), file);
        assertThat(directory).isDirectoryContaining(file::equals);
        try (var entries = Files.list(directory)) {
            assertThat(entries).containsExactly(file);
        }
    }

    @Test
    void failureLeavesTheOldFileAndNothingElse() throws Exception {
        Path taken = directory.resolve("taken");
        Files.createDirectories(taken.resolve("inside"));
        assertThatThrownBy(() -> KeyFile.store(KeyPair.generate(), taken)).isInstanceOf(IOException.class);
        assertThat(taken.resolve("inside")).isDirectory();
        try (var entries = Files.list(directory)) {
            assertThat(entries).containsExactly(taken);
        }
    }

    @Test
    void firstStartCreatesTheKeyAndLaterOnesKeepIt() throws Exception {
        KeyPair first = KeyFile.loadOrCreate(file);
        assertThat(KeyFile.loadOrCreate(file).peerId()).isEqualTo(first.peerId());
    }

    @Test
    void missingFileAndDirectoryAreErrors() {
        assertThatThrownBy(() -> KeyFile.load(file)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> KeyFile.loadOrCreate(directory.resolve("no/such/private.key")))
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "-----BEGIN PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY-----\nA\n-----END PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp\n-----END PRIVATE KEY-----"
            })
    void otherContentIsRefusedAndKept(String content) throws Exception {
        Files.writeString(file, content);
        assertThatThrownBy(() -> KeyFile.loadOrCreate(file))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(file.toString());
        assertThat(file).hasContent(content);
    }

    @Test
    void otherPemBlocksAreRefusedByName() throws Exception {
        Files.writeString(file, RFC_8410.replace("PRIVATE KEY", "EC PRIVATE KEY"));
        assertThatThrownBy(() -> KeyFile.load(file))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("is \"EC PRIVATE KEY\", needed is \"PRIVATE KEY\"");
    }

    @Test
    void keysOfOtherKindsAreRefused() throws Exception {
        byte[] encoded = KeyPairGenerator.getInstance("X25519")
                .generateKeyPair()
                .getPrivate()
                .getEncoded();
        Files.writeString(
                file,
                "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
                        .formatted(Base64.getEncoder().encodeToString(encoded)));
        assertThatThrownBy(() -> KeyFile.load(file))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("isn't an Ed25519 key")
                .hasMessageNotContaining(Base64.getEncoder().encodeToString(encoded));
    }

    @Test
    void sizeIsBounded() throws Exception {
        Files.writeString(file, RFC_8410 + "\n".repeat(KeyFile.MAX_FILE_BYTES - RFC_8410.length()));
        assertThat(KeyFile.load(file).publicKey().type()).isEqualTo(KeyType.ED25519);
        Files.writeString(file, RFC_8410 + "\n".repeat(KeyFile.MAX_FILE_BYTES - RFC_8410.length() + 1));
        assertThatThrownBy(() -> KeyFile.load(file))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("at most 16384 bytes");
    }
}
