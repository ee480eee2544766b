package dev.spegel.libp2p.multistream;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/** Answers proposals: the protocol itself if it is known, otherwise {@code na}, also to {@code ls}, as go-multistream does. */
final class ListenerNegotiation implements Negotiation {
    /**
     * How often a peer may propose. Go has no such limit, but remembers at most 128 protocols of a peer (go-libp2p
     * p2p/host/peerstore, protocol book), so nobody has reason to propose more. Without it the answers, which are larger than
     * the smallest proposal, would pile up for a peer that sends and doesn't read.
     */
    static final int MAX_PROPOSALS = 128;

    private final Set<String> protocols;
    private final TokenReader tokens = new TokenReader();
    private int proposals;
    private boolean headerSeen;
    private boolean over;

    ListenerNegotiation(Collection<String> protocols) {
        this.protocols = Set.copyOf(protocols);
        if (this.protocols.isEmpty()) {
            throw new IllegalArgumentException("protocols must not be empty");
        }
        this.protocols.forEach(Token::checkedProtocol);
    }

    @Override
    public ByteBuffer opening() {
        return Token.encode(Token.HEADER);
    }

    @Override
    public Step receive(ByteBuffer in) {
        if (over) {
            throw new IllegalStateException("the negotiation is over");
        }
        over = true; // until it is known to go on: whatever is thrown below ends it
        int refused = 0;
        Optional<String> token = tokens.read(in);
        while (token.isPresent()) {
            String text = token.get();
            if (!headerSeen) {
                if (!text.equals(Token.HEADER)) {
                    throw new MultistreamException(
                            "the peer opens with %s, got %s".formatted(Token.HEADER, Token.quoted(text)));
                }
                headerSeen = true;
            } else if (++proposals > MAX_PROPOSALS) {
                throw new MultistreamException("a peer may propose %d protocols, got more".formatted(MAX_PROPOSALS));
            } else if (protocols.contains(text)) {
                return new Agreed(text, answers(refused, text));
            } else {
                refused++;
            }
            token = tokens.read(in);
        }
        over = false;
        return new Pending(answers(refused));
    }

    @Override
    public void endOfInput() {
        if (!over) {
            over = true;
            throw new MultistreamException("the peer ended %s"
                    .formatted(tokens.isAmidToken() ? "amid a token" : "before it proposed a protocol we speak"));
        }
    }

    private static ByteBuffer answers(int refused, String... last) {
        String[] texts = new String[refused + last.length];
        Arrays.fill(texts, 0, refused, Token.NOT_AVAILABLE);
        System.arraycopy(last, 0, texts, refused, last.length);
        return Token.encode(texts);
    }
}
