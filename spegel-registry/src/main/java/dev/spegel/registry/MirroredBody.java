package dev.spegel.registry;

import dev.spegel.oci.Digest;
import dev.spegel.oci.RangeSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A body on its way from peers to a client. When a peer breaks off or stalls, the next goes on at the byte reached. What is sent whole
 * is hashed as it passes, and its last bytes wait until the digest matches: so no client gets a whole body that is wrong.
 */
final class MirroredBody {
    private final PeerSearch search;
    private final ContentHeaders headers;
    private final Set<Source> contributors = new LinkedHashSet<>();
    private final @Nullable MessageDigest hash;
    private final long end;
    private long position;

    MirroredBody(ContentHeaders headers, PeerSearch search) {
        this.headers = headers;
        this.search = search;
        hash = headers.whole() ? headers.digest().algorithm().newMessageDigest() : null;
        position = headers.first();
        end = position + headers.length();
    }

    /**
     * Sends all of it, first from this source, which the caller closes.
     *
     * @throws BrokenBodyException if no peer has the rest, or the bytes are wrong
     */
    void send(Source first, ByteBuffer buffer, Body body) throws IOException, InterruptedException {
        Source source = first;
        try {
            while (position < end) {
                buffer.clear().limit((int) Math.min(buffer.capacity(), end - position));
                try {
                    source.read(buffer);
                } catch (IOException e) {
                    source.close();
                    source = replace(source, e);
                    continue;
                }
                contributors.add(source);
                position += buffer.flip().remaining();
                if (hash != null) {
                    hash.update(buffer.duplicate());
                    if (position == end) {
                        if (!headers.digest().equals(hashed(headers, hash))) {
                            throw reject();
                        }
                        contributors.forEach(search::verified);
                    }
                }
                body.write(position == end, buffer);
            }
        } finally {
            source.close();
        }
    }

    /** The digest of what was hashed; can be asked for once. */
    static Digest hashed(ContentHeaders headers, MessageDigest hash) {
        return Digest.of(headers.digest().algorithm(), hash.digest());
    }

    private Source replace(Source broken, IOException reason) throws IOException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while reading from a peer");
        }
        search.failed(broken, reason);
        search.refresh();
        RangeSpec rest = new RangeSpec.FromTo(position, end - 1);
        while (true) {
            Source next = search.next(Optional.of(rest))
                    .orElseThrow(() -> BrokenBodyException.incomplete(
                            "no peer has the rest from byte %d: %s".formatted(position, search.attempts()), reason));
            if (next.headers().sizeBytes() == headers.sizeBytes()) {
                return next;
            }
            next.close();
            search.failed(
                    next,
                    new IOException("it has %d bytes of this digest, another peer said %d"
                            .formatted(next.headers().sizeBytes(), headers.sizeBytes())));
        }
    }

    /** Who of several lied can't be told, so all are left alone for a while. */
    private BrokenBodyException reject() {
        IOException reason =
                new IOException("the bytes from %d peer(s) don't have the digest".formatted(contributors.size()));
        contributors.forEach(source -> search.lied(source, reason));
        return BrokenBodyException.wrong("the content isn't " + headers.digest(), reason);
    }
}
