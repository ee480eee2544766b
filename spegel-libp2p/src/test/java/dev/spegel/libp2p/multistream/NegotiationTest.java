package dev.spegel.libp2p.multistream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.libp2p.multistream.Negotiation.Agreed;
import dev.spegel.libp2p.multistream.Negotiation.Pending;
import dev.spegel.libp2p.multistream.Negotiation.Refused;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class NegotiationTest {
    private static final String TLS = "/tls/1.0.0";
    private static final String NOISE = "/noise";
    private static final String KAD = "/spegel/kad/1.0.0";
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private static ByteBuffer bytes(String... tokens) {
        return Token.encode(tokens);
    }

    @Nested
    class Dialling {
        private final Negotiation dialer = Negotiation.propose(List.of(TLS, NOISE));

        @Test
        void theHeaderAndTheFirstProposalLeaveTogether() {
            assertThat(dialer.opening()).isEqualTo(bytes(Token.HEADER, TLS));
        }

        @Test
        void theFirstIsAgreedOnIfThePeerSaysTheSame() {
            assertThat(dialer.receive(bytes(Token.HEADER, TLS))).isEqualTo(new Agreed(TLS, NOTHING));
        }

        @Test
        void afterARefusalTheNextIsProposedWithoutAHeader() {
            assertThat(dialer.receive(bytes(Token.HEADER, "na"))).isEqualTo(new Pending(bytes(NOISE)));
            assertThat(dialer.receive(bytes(NOISE))).isEqualTo(new Agreed(NOISE, NOTHING));
        }

        @Test
        void ofAllRefusedNothingIsLeft() {
            dialer.receive(bytes(Token.HEADER, "na"));
            assertThat(dialer.receive(bytes("na"))).isEqualTo(new Refused());
            assertThat(new Refused().toSend().hasRemaining()).isFalse();
            assertThatThrownBy(() -> dialer.receive(bytes("na"))).isInstanceOf(IllegalStateException.class);
        }

        @Test
        void bytesAfterTheAgreementAreLeftForTheNextLayer() {
            ByteBuffer in = ByteBuffer.allocate(64)
                    .put(bytes(Token.HEADER, TLS))
                    .put(new byte[] {1, 2, 3})
                    .flip();
            dialer.receive(in);
            assertThat(Hex.of(in)).isEqualTo("010203");
        }

        @Test
        void aPeerWithoutTheHeaderIsRefused() {
            assertThatThrownBy(() -> dialer.receive(bytes(TLS)))
                    .isInstanceOf(MultistreamException.class)
                    .hasMessageContaining("opens with");
            assertThatThrownBy(() -> dialer.receive(bytes(Token.HEADER))).isInstanceOf(IllegalStateException.class);
        }

        @Test
        void anAnswerThatIsNeitherTheProposalNorNaIsRefused() {
            assertThatThrownBy(() -> dialer.receive(bytes(Token.HEADER, NOISE)))
                    .isInstanceOf(MultistreamException.class)
                    .hasMessageContaining("\"/noise\"");
        }

        @Test
        void anAnswerToWhatWasNotAskedYetIsRefused() {
            assertThatThrownBy(() -> dialer.receive(bytes(Token.HEADER, "na", NOISE)))
                    .isInstanceOf(MultistreamException.class)
                    .hasMessageContaining("before it is asked");
        }

        @Test
        void anEndBeforeTheAgreementIsAFailure() {
            assertThatThrownBy(dialer::endOfInput).isInstanceOf(MultistreamException.class);
        }

        @Test
        void anEndAfterTheAgreementIsTheNextLayersConcern() {
            dialer.receive(bytes(Token.HEADER, TLS));
            dialer.endOfInput();
            assertThatThrownBy(() -> dialer.receive(bytes(TLS))).isInstanceOf(IllegalStateException.class);
        }

        @Test
        void needsDifferentProtocols() {
            assertThatThrownBy(() -> Negotiation.propose(List.of())).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Negotiation.propose(List.of(TLS, TLS)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Listening {
        private final Negotiation listener = Negotiation.answer(Set.of(NOISE, KAD));

        @Test
        void theHeaderLeavesAtOnce() {
            assertThat(listener.opening()).isEqualTo(bytes(Token.HEADER));
        }

        @Test
        void aKnownProtocolIsEchoed() {
            assertThat(listener.receive(bytes(Token.HEADER, KAD))).isEqualTo(new Agreed(KAD, bytes(KAD)));
        }

        @Test
        void anUnknownProtocolIsAnsweredNaAndTheNextMayFollowInTheSamePiece() {
            assertThat(listener.receive(bytes(Token.HEADER, TLS))).isEqualTo(new Pending(bytes("na")));
            assertThat(listener.receive(bytes("ls", NOISE))).isEqualTo(new Agreed(NOISE, bytes("na", NOISE)));
        }

        @Test
        void namesMatchOnlyIfTheyAreEqual() {
            assertThat(listener.receive(bytes(Token.HEADER, NOISE + "/", "/NOISE", NOISE + "\n", "")))
                    .isEqualTo(new Pending(bytes("na", "na", "na", "na")));
        }

        @Test
        void theFirstBytesOfTheProtocolMayComeWithTheProposal() {
            ByteBuffer in = ByteBuffer.allocate(64)
                    .put(bytes(Token.HEADER, KAD))
                    .put((byte) 42)
                    .flip();
            assertThat(listener.receive(in)).isInstanceOf(Agreed.class);
            assertThat(in.remaining()).isEqualTo(1);
        }

        @Test
        void aPeerWithoutTheHeaderIsRefused() {
            assertThatThrownBy(() -> listener.receive(bytes(KAD))).isInstanceOf(MultistreamException.class);
        }

        @Test
        void proposalsHaveALimit() {
            String[] most =
                    Collections.nCopies(ListenerNegotiation.MAX_PROPOSALS, "/x").toArray(String[]::new);
            listener.receive(bytes(Token.HEADER));
            assertThat(listener.receive(bytes(most)).toSend().remaining())
                    .isEqualTo(4 * ListenerNegotiation.MAX_PROPOSALS);
            assertThatThrownBy(() -> listener.receive(bytes(KAD)))
                    .isInstanceOf(MultistreamException.class)
                    .hasMessageContaining("128 protocols");
        }

        @Test
        void anEndBeforeTheAgreementIsAFailure() {
            listener.receive(ByteBuffer.wrap(new byte[] {3, 'n'}));
            assertThatThrownBy(listener::endOfInput)
                    .isInstanceOf(MultistreamException.class)
                    .hasMessageContaining("amid a token");
        }

        @Test
        void anEndRightAfterTheProposalIsTheNextLayersConcern() {
            listener.receive(bytes(Token.HEADER, KAD));
            listener.endOfInput();
        }

        @Test
        void needsAProtocol() {
            assertThatThrownBy(() -> Negotiation.answer(Set.of())).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Negotiation.answer(Set.of("na"))).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Lazily {
        private final LazyNegotiation lazy = new LazyNegotiation(KAD);

        @Test
        void theProposalGoesBeforeTheFirstBytesOnly() {
            assertThat(lazy.prefix()).isEqualTo(bytes(Token.HEADER, KAD));
            assertThat(lazy.prefix().hasRemaining()).isFalse();
        }

        @Test
        void theAnswerIsReadWhenItComes() {
            lazy.prefix();
            assertThat(lazy.receive(bytes(Token.HEADER))).isEqualTo(new Pending(NOTHING));
            assertThat(lazy.receive(bytes(KAD))).isEqualTo(new Agreed(KAD, NOTHING));
            lazy.endOfInput();
        }

        @Test
        void aRefusalIsToldSinceWhatWasWrittenIsLost() {
            assertThat(lazy.receive(bytes(Token.HEADER, "na"))).isEqualTo(new Refused());
        }

        @Test
        void anEndWithoutAnAnswerIsAFailure() {
            assertThatThrownBy(lazy::endOfInput).isInstanceOf(MultistreamException.class);
        }
    }
}
