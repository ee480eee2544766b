package dev.spegel.libp2p.multistream;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;

class NegotiationFuzzTest {
    private static final int MAX_ANSWER = ListenerNegotiation.MAX_PROPOSALS * 4 + 8;

    @FuzzTest
    void aListenerAgreesWaitsOrThrowsItsOwnException(byte[] input) {
        Negotiation listener = Negotiation.answer(Set.of("/noise"));
        ByteBuffer in = ByteBuffer.wrap(input);
        try {
            Negotiation.Step step = listener.receive(in);
            assertThat(step.toSend().remaining()).isLessThanOrEqualTo(MAX_ANSWER);
            if (step instanceof Negotiation.Pending) {
                assertThat(in.hasRemaining()).isFalse();
            }
        } catch (MultistreamException e) {
            assertThat(e).hasMessageMatching("[ -~…]+");
        }
    }

    @FuzzTest
    void aDialerAgreesGivesUpWaitsOrThrowsItsOwnException(byte[] input) {
        Negotiation dialer = Negotiation.propose(List.of("/tls/1.0.0", "/noise"));
        ByteBuffer in = ByteBuffer.wrap(input);
        try {
            Negotiation.Step step = dialer.receive(in);
            if (step instanceof Negotiation.Pending) {
                assertThat(in.hasRemaining()).isFalse();
            }
        } catch (MultistreamException e) {
            assertThat(e).hasMessageMatching("[ -~…]+");
        }
    }
}
