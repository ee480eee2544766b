package dev.spegel.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadImageTest {
    @Test
    void theProgramReadsTheLayers(@TempDir Path layout) throws Exception {
        assertThat(StandardOut.during(() -> ReadImage.main(new String[] {layout.toString()}))
                        .lines())
                .hasSize(2)
                .allMatch(line -> line.matches("sha256:[0-9a-f]{64}: \\d+ bytes, whole"));
    }
}
