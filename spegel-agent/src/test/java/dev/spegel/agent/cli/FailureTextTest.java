package dev.spegel.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class FailureTextTest {
    @Test
    void pathsAloneBecomeSentences() {
        assertThat(FailureText.of(new NoSuchFileException("/a"))).isEqualTo("there is no /a");
        assertThat(FailureText.of(new AccessDeniedException("/a"))).isEqualTo("/a: permission denied");
        assertThat(FailureText.of(new FileAlreadyExistsException("/a"))).isEqualTo("/a is there already");
        assertThat(FailureText.of(new FileSystemException("/a", null, "No space left on device")))
                .isEqualTo("/a: No space left on device");
    }

    @Test
    void theReasonFollowsWhatWasAttempted() {
        IOException full = new IOException("No space left on device");
        assertThat(FailureText.of(new IOException("write blob x", full)))
                .isEqualTo("write blob x: No space left on device");
        assertThat(FailureText.of(new IOException("write blob x: No space left on device", full)))
                .as("told already")
                .isEqualTo("write blob x: No space left on device");
        assertThat(FailureText.of(new IOException("write it", new AccessDeniedException("/a"))))
                .isEqualTo("write it: /a: permission denied");
    }

    @Test
    void connectionsAreToldInWordsOfOurOwn() {
        assertThat(FailureText.of(new IOException("nothing answers", new ConnectException("refused"))))
                .isEqualTo("nothing answers");
    }

    @Test
    void itIsOneLineAndNeverEmpty() {
        assertThat(FailureText.of(new IOException("a\n  b"))).isEqualTo("a b");
        assertThat(FailureText.of(new IOException())).isEqualTo("IOException");
    }
}
