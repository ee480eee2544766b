package dev.spegel.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbedRegistryHandlerTest {
    @Test
    void theProgramServesAnImageBesideItsOwnPages(@TempDir Path layout) throws Exception {
        assertThat(StandardOut.during(() -> EmbedRegistryHandler.main(new String[] {layout.toString()})))
                .contains("GET /v2/demo/app/manifests/1.0: 200", "\"layers\"", "GET /hello: 200", "Hello!");
    }
}
