package dev.spegel.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.routing.BasicCredentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BasicAuthFilesTest {
    @TempDir
    private Path directory;

    private void write(String username, String password) throws IOException {
        Files.writeString(directory.resolve("username"), username);
        Files.writeString(directory.resolve("password"), password);
    }

    private void assertRefused(String message) {
        assertThatThrownBy(() -> new BasicAuthFiles(directory).read())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message)
                .message()
                .contains(directory.toString())
                .doesNotContain("s3cret");
    }

    @Test
    void noFilesAreNoCredentials() throws IOException {
        assertThat(new BasicAuthFiles(directory).read()).isEmpty();
        assertThat(new BasicAuthFiles(directory.resolve("absent")).read()).isEmpty();
    }

    @Test
    void theLineBreakAtTheEndIsNoPartOfThem() throws IOException {
        write("user\n", " p\u00e4ss word\r\n");
        assertThat(new BasicAuthFiles(directory).read()).contains(new BasicCredentials("user", " p\u00e4ss word"));
    }

    @Test
    void aMountedSecretIsReadAsOneVersion() throws IOException {
        MountedSecret secret = new MountedSecret(directory, new BasicCredentials("user", "one"));
        BasicAuthFiles files = new BasicAuthFiles(directory);
        assertThat(files.read()).contains(new BasicCredentials("user", "one"));
        secret.replace(new BasicCredentials("other", "two"));
        assertThat(files.read()).contains(new BasicCredentials("other", "two"));
    }

    @Test
    void oneWithoutTheOtherIsRefused() throws IOException {
        Files.writeString(directory.resolve("password"), "s3cret");
        assertRefused("both files, username and password");
    }

    @Test
    void emptyOnesAreRefused() throws IOException {
        write("\n", "s3cret");
        assertRefused("username: is empty");
        write("user", "");
        assertRefused("password: is empty");
    }

    @Test
    void longOnesAreRefused() throws IOException {
        write("user", "s3cret".repeat(BasicAuthFiles.MAX_BYTES));
        assertRefused("password: has more than 1024 bytes");
        write("user", "x".repeat(BasicAuthFiles.MAX_BYTES));
        assertThat(new BasicAuthFiles(directory).read()).isPresent();
    }

    @Test
    void otherThanTextIsRefused() throws IOException {
        write("user", "");
        Files.write(directory.resolve("password"), "s3cret\u00e4".getBytes(StandardCharsets.ISO_8859_1));
        assertRefused("password: isn't text in UTF-8");
    }

    @Test
    void aUserNameWithAColonIsRefused() throws IOException {
        write("us:s3cret", "word");
        assertRefused("no colon");
    }

    @Test
    void otherThanFilesAreRefused() throws IOException {
        Files.writeString(directory.resolve("username"), "user");
        Files.createDirectory(directory.resolve("password"));
        assertRefused("password: is no file");
    }
}
