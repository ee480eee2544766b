package dev.spegel.libp2p.multistream;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** Proposes one protocol after the other. The header and the first proposal leave together, which saves a round trip. */
final class DialerNegotiation implements Negotiation {
    private final List<String> protocols;
    private final TokenReader tokens = new TokenReader();
    private int proposed;
    private boolean headerSeen;
    private boolean over;

    DialerNegotiation(List<String> protocols) {
        this.protocols = List.copyOf(protocols);
        if (this.protocols.isEmpty()) {
            throw new IllegalArgumentException("protocols must not be empty");
        }
        if (new HashSet<>(this.protocols).size() < this.protocols.size()) {
            throw new IllegalArgumentException("protocols must differ, got " + this.protocols);
        }
        this.protocols.forEach(Token::checkedProtocol);
    }

    @Override
    public ByteBuffer opening() {
        return Token.encode(Token.HEADER, protocols.get(0));
    }

    @Override
    public Step receive(ByteBuffer in) {
        if (over) {
            throw new IllegalStateException("the negotiation is over");
        }
        over = true; // until it is known to go on: whatever is thrown below ends it
        ByteBuffer toSend = ByteBuffer.allocate(0);
        Optional<String> token = tokens.read(in);
        while (token.isPresent()) {
            String text = token.get();
            if (toSend.hasRemaining()) {
                throw new MultistreamException(
                        "the peer answers %s before it is asked".formatted(protocols.get(proposed)));
            }
            if (!headerSeen) {
                if (!text.equals(Token.HEADER)) {
                    throw new MultistreamException(
                            "the peer opens with %s, got %s".formatted(Token.HEADER, Token.quoted(text)));
                }
                headerSeen = true;
            } else if (text.equals(protocols.get(proposed))) {
                return new Agreed(protocols.get(proposed), toSend);
            } else if (!text.equals(Token.NOT_AVAILABLE)) {
                throw new MultistreamException("the answer to %s is the same or \"na\", got %s"
                        .formatted(protocols.get(proposed), Token.quoted(text)));
            } else if (++proposed == protocols.size()) {
                return new Refused();
            } else {
                toSend = Token.encode(protocols.get(proposed));
            }
            token = tokens.read(in);
        }
        over = false;
        return new Pending(toSend);
    }

    @Override
    public void endOfInput() {
        if (!over) {
            over = true;
            throw new MultistreamException(
                    "the peer ended amid the negotiation of %s".formatted(protocols.get(proposed)));
        }
    }
}
