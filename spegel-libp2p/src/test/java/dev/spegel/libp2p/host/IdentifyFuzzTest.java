package dev.spegel.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.nio.ByteBuffer;

class IdentifyFuzzTest {
    private static final KeyPair READER = KeyPair.generate();
    private static final Multiaddr REMOTE = Multiaddr.parse("/ip4/127.0.0.1/tcp/1");

    @FuzzTest
    void whatIsReadIsWithinBounds(byte[] input) {
        try {
            IdentifyDecoder decoder = new IdentifyDecoder();
            decoder.read(ByteBuffer.wrap(input));
            Identify identify = decoder.end();
            assertThat(identify.protocols()).hasSizeLessThanOrEqualTo(Identify.MAX_PROTOCOLS);
            assertThat(identify.addressesOf(READER.peerId(), REMOTE)).hasSizeLessThanOrEqualTo(Identify.MAX_ADDRESSES);
        } catch (MalformedException e) {
            assertThat(e).hasMessageNotContaining("\n");
        }
    }

    @FuzzTest
    void piecesMakeNoDifference(byte[] input) {
        assertThat(outcome(input, 1)).isEqualTo(outcome(input, Integer.MAX_VALUE));
    }

    private static String outcome(byte[] input, int pieceLength) {
        try {
            IdentifyDecoder decoder = new IdentifyDecoder();
            for (int at = 0; at < input.length; at += Math.min(pieceLength, input.length - at)) {
                decoder.read(ByteBuffer.wrap(input, at, Math.min(pieceLength, input.length - at)));
            }
            Identify identify = decoder.end();
            return "%s %s %s".formatted(identify.protocols(), identify.listenAddresses(), identify.agentVersion());
        } catch (MalformedException e) {
            return "refused";
        }
    }
}
