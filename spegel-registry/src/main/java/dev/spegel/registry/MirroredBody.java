package dev.spegel.registry;

import dev.spegel.oci.Digest;
import dev.spegel.oci.RangeSpec;
import java.io.IOException;
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
    private final TransferBuffers.Lease lease;
    private final RegistryMetrics metrics;
    private Piece piece;
    private long position;

    /** @param lease holds a piece at a time; the caller closes it */
    MirroredBody(ContentHeaders headers, PeerSearch search, TransferBuffers.Lease lease, RegistryMetrics metrics) {
        this.lease = lease;
        this.metrics = metrics;
        piece = lease.piece();
        this.headers = headers;
        this.search = search;
        hash = headers.whole() ? headers.digest().algorithm().newMessageDigest() : null;
        position = headers.first();
        end = position + headers.length();
    }

    /**
     * Reads the first piece. As long as nothing is promised to the client, any other peer can be asked instead, also one that says another
     * size.
     *
     * @return whether this peer is of use
     */
    boolean begin(Source source) throws InterruptedException {
        try {
            read(source);
        } catch (IOException e) {
            passOnInterruption();
            search.failed(source, e);
            return false;
        }
        if (position == end && !verify()) {
            search.lied(contributors, new IOException("its bytes don't have the digest"));
            return false;
        }
        return true;
    }

    /**
     * Sends all of it: what was read first, the rest from the same source, which the caller closes, and then from others.
     *
     * @throws BrokenBodyException if no peer has the rest, or the bytes are wrong
     */
    void send(Source first, Body body) throws IOException, InterruptedException {
        Source source = first;
        try {
            write(body);
            while (position < end) {
                try {
                    read(source);
                } catch (IOException e) {
                    source.close();
                    source = replace(source, e);
                    continue;
                }
                if (position == end && !verify()) {
                    throw reject("the bytes from %d peer(s) don't have the digest".formatted(contributors.size()));
                }
                write(body);
            }
        } finally {
            source.close();
        }
    }

    private void write(Body body) throws ClientGoneException, BrokenBodyException {
        long bytes = piece.remaining();
        body.write(position == end, piece);
        metrics.moved(RegistryMetrics.Flow.RELAYED, bytes);
    }

    private void read(Source source) throws IOException {
        piece = lease.piece();
        piece.clear(end - position);
        long count = source.read(piece);
        contributors.add(source);
        position += count;
        lease.filled(!piece.hasRemaining());
        piece.flip();
        if (hash != null) {
            piece.hashWith(hash);
        }
    }

    /** Whether what was read, which is all of it, is right as far as can be told. */
    private boolean verify() {
        if (hash == null) {
            return true;
        }
        boolean right = headers.digest().equals(hashed(headers, hash));
        if (right) {
            contributors.forEach(search::verified);
        }
        return right;
    }

    /** Whether what was read so far has the digest, so that nobody can have a rest of it. */
    private boolean isWholeAlready() {
        try {
            return hash != null && headers.digest().equals(hashed(headers, (MessageDigest) hash.clone()));
        } catch (CloneNotSupportedException e) {
            return false; // a provider that can't: then it ends as any other body that nobody has the rest of
        }
    }

    /** The digest of what was hashed; can be asked for once. */
    static Digest hashed(ContentHeaders headers, MessageDigest hash) {
        return Digest.of(headers.digest().algorithm(), hash.digest());
    }

    private Source replace(Source broken, IOException reason) throws IOException, InterruptedException {
        passOnInterruption();
        if (isWholeAlready()) {
            throw reject("after %d bytes that have the digest nothing comes, though the peer said %d"
                    .formatted(position, headers.sizeBytes()));
        }
        search.failed(broken, reason);
        search.refresh();
        RangeSpec rest = new RangeSpec.FromTo(position, end - 1);
        while (true) {
            Optional<Source> found = search.next(Optional.of(rest));
            if (found.isEmpty()) {
                metrics.resumed(false);
                throw BrokenBodyException.incomplete(
                        "no peer has the rest from byte %d: %s".formatted(position, search.attempts()), reason);
            }
            Source next = found.get();
            if (next.headers().sizeBytes() == headers.sizeBytes()) {
                metrics.resumed(true);
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
    private BrokenBodyException reject(String message) {
        IOException reason = new IOException(message);
        search.lied(contributors, reason);
        return BrokenBodyException.wrong("the content isn't " + headers.digest(), reason);
    }

    private static void passOnInterruption() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while reading from a peer");
        }
    }
}
