package dev.spegel.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DhtNodeTest {
    @Test
    void aNodeFindsWhatAnotherHas() throws Exception {
        assertThat(StandardOut.during(() -> DhtNode.main(new String[0])))
                .matches("(?s)/ip4/127\\.0\\.0\\.1/tcp/\\d+/p2p/(\\w+) has a song: \\1\\s*");
    }
}
