package dev.spegel.libp2p.kad;

/** What a server does with a request. */
public sealed interface KadAnswer {
    /** Write this answer, and go on reading. */
    record Reply(KadMessage message) implements KadAnswer {}

    /** Write nothing, and go on reading: an announcement was accepted. */
    record Silence() implements KadAnswer {}

    /** Reset the stream, without a word to the other side. */
    record Reset(String reason) implements KadAnswer {}
}
