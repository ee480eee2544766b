package dev.spegel.registry;

import dev.spegel.oci.ByteRange;
import dev.spegel.oci.ContentRange;
import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.Quoted;
import dev.spegel.oci.RangeSpec;
import dev.spegel.oci.StoredMediaType;
import java.io.IOException;
import java.util.Optional;

/** Checks whether a peer's answer is one to a question, before its body is read. */
final class PeerAnswers {
    private PeerAnswers() {}

    /**
     * What the headers say.
     *
     * @param range what the peer was asked for; empty for all
     * @throws IOException if this isn't the content that was asked for, with the reason
     */
    static ContentHeaders check(ContentRequest request, Optional<RangeSpec> range, PeerClient.Answer answer)
            throws IOException {
        int expected = range.isPresent() ? 206 : 200;
        if (answer.status() != expected) {
            throw new IOException("it answered %d, not %d".formatted(answer.status(), expected));
        }
        if (answer.contentLength() < 0) {
            throw new IOException("it didn't say the length");
        }
        if (answer.header("Content-Encoding").isPresent()) {
            throw new IOException("it encoded the content");
        }
        try {
            ContentHeaders headers = range.isPresent()
                    ? partial(request, range.get(), answer)
                    : new ContentHeaders(
                            mediaType(request, answer),
                            digest(request, answer),
                            answer.contentLength(),
                            Optional.empty());
            if (request.forManifest()) {
                requireManifest(headers);
            }
            return headers;
        } catch (OciSyntaxException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static ContentHeaders partial(ContentRequest request, RangeSpec asked, PeerClient.Answer answer)
            throws IOException {
        ContentRange sent = ContentRange.parse(
                answer.header("Content-Range").orElseThrow(() -> new IOException("it didn't say which range it sent")));
        if (sent.sizeBytes().isEmpty() || sent.range().isEmpty()) {
            throw new IOException("it didn't say which range of how much it sent");
        }
        long size = sent.sizeBytes().getAsLong();
        ByteRange range = sent.range().get();
        if (!asked.within(size).equals(Optional.of(range)) || range.length() != answer.contentLength()) {
            throw new IOException(
                    "it sent %d bytes as %s, asked for %s".formatted(answer.contentLength(), sent, asked));
        }
        return new ContentHeaders(mediaType(request, answer), digest(request, answer), size, Optional.of(range));
    }

    private static Digest digest(ContentRequest request, PeerClient.Answer answer) throws IOException {
        Optional<Digest> said =
                answer.header(ContentHeaders.DOCKER_CONTENT_DIGEST).map(Digest::parse);
        Optional<Digest> asked = request.digest();
        if (asked.isPresent() && said.isPresent() && !asked.equals(said)) {
            throw new IOException("it sent %s, asked for %s".formatted(said.get(), asked.get()));
        }
        return asked.or(() -> said).orElseThrow(() -> new IOException("it didn't say the digest of the tag"));
    }

    private static MediaType mediaType(ContentRequest request, PeerClient.Answer answer) {
        Optional<String> said = answer.header("Content-Type").map(value -> value.replaceFirst("\\s*;.*", ""));
        // What a blob's type is makes no difference to anyone; a manifest's does.
        return request.forManifest()
                ? new MediaType(said.orElse(""))
                : said.map(MediaType::new).orElse(MediaType.OCTET_STREAM);
    }

    private static void requireManifest(ContentHeaders headers) throws IOException {
        if (!headers.mediaType().isManifest()) {
            throw new IOException(
                    "it sent a manifest as " + Quoted.of(headers.mediaType().value()));
        }
        if (headers.sizeBytes() == 0 || headers.sizeBytes() > StoredMediaType.MAX_DOCUMENT_BYTES) {
            throw new IOException("a manifest has 1 to %d bytes, it sent %d"
                    .formatted(StoredMediaType.MAX_DOCUMENT_BYTES, headers.sizeBytes()));
        }
    }
}
