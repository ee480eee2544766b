package dev.spegel.agent.pull;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.Reference;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one piece of content. Where an answer breaks off, asks again from the byte reached, as containerd does; the read that
 * reaches the last byte fails if the bytes aren't those of the digest. Read by one thread; aborted from any.
 */
final class ResumingStream extends InputStream {
    private final MirrorRequests requests;
    private final Reference image;
    private final Descriptor content;
    private final PullProgress progress;
    private final MessageDigest hash;
    private final List<String> servedBy = new ArrayList<>();
    private final long startNanos = System.nanoTime();

    private int attemptsLeft;
    private long position;
    private boolean finished;
    private Optional<Duration> firstByte = Optional.empty();
    private @Nullable MirrorAnswer answer;
    private Optional<PullException> failure = Optional.empty();
    private volatile boolean aborted;

    ResumingStream(
            MirrorRequests requests, Reference image, Descriptor content, PullLimits limits, PullProgress progress) {
        this.requests = requireNonNull(requests, "requests");
        this.image = requireNonNull(image, "image");
        this.content = requireNonNull(content, "content");
        this.progress = requireNonNull(progress, "progress");
        this.hash = content.digest().algorithm().newMessageDigest();
        this.attemptsLeft = limits.attempts();
    }

    /** The nodes that have sent a part, each once, in order. */
    List<String> servedBy() {
        return List.copyOf(servedBy);
    }

    /** What came of it, once it has been read to its end. */
    PulledContent report(String role) {
        Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
        return new PulledContent(role, content, servedBy(), firstByte.orElse(elapsed), elapsed);
    }

    /** Why a read failed. Whoever read may have thrown something else then, which says less. */
    Optional<PullException> failure() {
        return failure;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        if (length == 0) {
            return 0;
        }
        while (!finished) {
            try {
                int count = readOnce(buffer, offset, (int) Math.min(length, content.sizeBytes() - position));
                if (count > 0) {
                    return count;
                }
            } catch (PullException e) {
                failure = Optional.of(e);
                throw e; // asking again would bring the same
            } catch (IOException e) {
                close();
                if (attemptsLeft == 0) {
                    PullException gaveUp = new PullException(
                            "%s broke off at byte %d of %d, and isn't tried again: %s"
                                    .formatted(content.digest(), position, content.sizeBytes(), e.getMessage()),
                            e);
                    failure = Optional.of(gaveUp);
                    throw gaveUp;
                }
            }
        }
        return -1;
    }

    private int readOnce(byte[] buffer, int offset, int wanted) throws IOException {
        if (aborted) {
            throw new PullException("the pull of " + image + " was given up");
        }
        MirrorAnswer current = answer;
        if (current == null) {
            current = ask();
            answer = current;
        }
        int count = wanted == 0 ? 0 : current.body().read(buffer, offset, wanted);
        if (count < 0) {
            throw new EOFException("the answer ended early");
        }
        if (firstByte.isEmpty()) {
            firstByte = Optional.of(Duration.ofNanos(System.nanoTime() - startNanos));
        }
        hash.update(buffer, offset, count);
        position += count;
        progress.received(count);
        if (position == content.sizeBytes()) {
            finish();
        }
        return count;
    }

    private MirrorAnswer ask() throws IOException {
        attemptsLeft--;
        MirrorAnswer fresh = requests.get(image, content, position);
        try {
            // A mirror may send the whole content in answer to a range: RFC 9110, section 14.2.
            long skip = fresh.status() == HttpURLConnection.HTTP_OK ? position : 0;
            if (fresh.status() != HttpURLConnection.HTTP_OK
                    && !(fresh.status() == HttpURLConnection.HTTP_PARTIAL && position > 0)) {
                throw new PullException(
                        "the mirror answered %d for %s of %s".formatted(fresh.status(), content.digest(), image));
            }
            long expected = content.sizeBytes() - position + skip;
            if (fresh.length().isPresent() && fresh.length().get() != expected) {
                throw new PullException("%s has %d bytes to come, the mirror announces %d"
                        .formatted(content.digest(), expected, fresh.length().get()));
            }
            fresh.body().skipNBytes(skip);
        } catch (IOException e) {
            fresh.close();
            throw e;
        }
        fresh.servedBy().filter(node -> !servedBy.contains(node)).ifPresent(servedBy::add);
        return fresh;
    }

    private void finish() throws PullException {
        if (!Digest.of(content.digest().algorithm(), hash.digest()).equals(content.digest())) {
            throw new PullException("the mirror sent other bytes for " + content.digest() + ", from " + servedBy);
        }
        finished = true;
    }

    /** Makes the next read fail; one that waits for bytes now ends with them, or at the stall limit. From any thread. */
    void abort() {
        aborted = true;
    }

    @Override
    public void close() throws IOException {
        MirrorAnswer last = answer;
        if (last != null) {
            answer = null;
            last.close();
        }
    }
}
