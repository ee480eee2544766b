package dev.spegel.registry;

import java.util.function.LongConsumer;

/** How quickly a body may be sent. */
interface Throttle {
    /** As quickly as it goes. */
    Throttle NONE = new Throttle() {
        @Override
        public int pieceBytes() {
            return Integer.MAX_VALUE;
        }

        @Override
        public void sent(long bytes) {}
    };

    /** How many bytes to send at a time, at most. */
    int pieceBytes();

    /**
     * Waits as long as these bytes, which were sent just now, make it necessary.
     *
     * @throws ClientGoneException if the server stops meanwhile
     */
    void sent(long bytes) throws ClientGoneException;

    /** The same, which also tells how much is sent. */
    default Throttle telling(LongConsumer listener) {
        Throttle same = this;
        return new Throttle() {
            @Override
            public int pieceBytes() {
                return same.pieceBytes();
            }

            @Override
            public void sent(long bytes) throws ClientGoneException {
                listener.accept(bytes);
                same.sent(bytes);
            }
        };
    }
}
