package dev.spegel.registry;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;

/** Writes an answer's body, and tells the client's failures from those of whoever delivers the bytes. */
final class Body {
    private final Response response;

    Body(Response response) {
        this.response = response;
    }

    /** Writes these bytes and waits until they are taken; the first call sends the headers too. */
    void write(boolean last, ByteBuffer bytes) throws ClientGoneException {
        try {
            Content.Sink.write(response, last, bytes);
        } catch (IOException e) {
            throw new ClientGoneException(e);
        }
    }

    /** Ends an answer that has no (further) body. */
    void end() throws ClientGoneException {
        write(true, BufferUtil.EMPTY_BUFFER);
    }
}
