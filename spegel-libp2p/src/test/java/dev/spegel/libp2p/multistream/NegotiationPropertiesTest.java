package dev.spegel.libp2p.multistream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.libp2p.multistream.Negotiation.Agreed;
import dev.spegel.libp2p.multistream.Negotiation.Refused;
import dev.spegel.libp2p.multistream.Negotiation.Step;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class NegotiationPropertiesTest {
    private static final byte[] DIALER_SPEAKS = {1, 2, 3, 4, 5};
    private static final byte[] LISTENER_SPEAKS = {9, 8, 7};

    @Provide
    Arbitrary<Set<String>> protocols() {
        return Arbitraries.strings()
                .withChars("abc")
                .ofMinLength(1)
                .ofMaxLength(2)
                .map("/"::concat)
                .set()
                .ofMinSize(1)
                .ofMaxSize(6);
    }

    /** Whatever the pieces, both agree on the first that both speak, and find every byte that follows. */
    @Property(tries = 500)
    void bothAgreeOnTheFirstThatBothSpeakAndLoseNothing(
            @ForAll("protocols") Set<String> proposed, @ForAll("protocols") Set<String> known, @ForAll long seed) {
        Random random = new Random(seed);
        Side dialer = new Side(Negotiation.propose(List.copyOf(new LinkedHashSet<>(proposed))), DIALER_SPEAKS);
        Side listener = new Side(Negotiation.answer(known), LISTENER_SPEAKS);
        List<String> order = List.copyOf(new LinkedHashSet<>(proposed));
        Optional<String> expected = order.stream().filter(known::contains).findFirst();

        while (dialer.moveTo(listener, random) || listener.moveTo(dialer, random)) {}

        if (expected.isEmpty()) {
            assertThat(dialer.last).isInstanceOf(Refused.class);
            return;
        }
        assertThat(dialer.last)
                .isInstanceOfSatisfying(
                        Agreed.class, agreed -> assertThat(agreed.protocol()).isEqualTo(expected.get()));
        assertThat(listener.last)
                .isInstanceOfSatisfying(
                        Agreed.class, agreed -> assertThat(agreed.protocol()).isEqualTo(expected.get()));
        assertThat(dialer.after.toByteArray()).isEqualTo(LISTENER_SPEAKS);
        assertThat(listener.after.toByteArray()).isEqualTo(DIALER_SPEAKS);
    }

    /** A side, what it has sent and isn't delivered, and what came in after the agreement. */
    private static final class Side {
        private final Negotiation negotiation;
        private final byte[] speaks;
        private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
        private final ByteArrayOutputStream after = new ByteArrayOutputStream();
        private int delivered;
        private Step last;

        Side(Negotiation negotiation, byte[] speaks) {
            this.negotiation = negotiation;
            this.speaks = speaks;
            last = new Negotiation.Pending(negotiation.opening());
            send(last.toSend());
        }

        boolean moveTo(Side other, Random random) {
            int waiting = sent.size() - delivered;
            if (waiting == 0) {
                return false;
            }
            int count = 1 + random.nextInt(waiting);
            other.take(ByteBuffer.wrap(sent.toByteArray(), delivered, count));
            delivered += count;
            return true;
        }

        private void take(ByteBuffer in) {
            if (last instanceof Negotiation.Pending) {
                last = negotiation.receive(in);
                send(last.toSend());
                if (last instanceof Agreed) {
                    sent.writeBytes(speaks);
                }
            }
            while (in.hasRemaining()) {
                after.write(in.get());
            }
        }

        private void send(ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            sent.writeBytes(copy);
        }
    }
}
