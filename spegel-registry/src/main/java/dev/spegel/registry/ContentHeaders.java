package dev.spegel.registry;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.ByteRange;
import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Response;

/**
 * What the headers of an answer say of its content: OCI distribution-spec v1.1.1, section "Pulling manifests" and "Pulling blobs".
 *
 * @param sizeBytes the size of the whole content
 * @param part what the body has of it; empty for all
 */
record ContentHeaders(MediaType mediaType, Digest digest, long sizeBytes, Optional<ByteRange> part) {
    static final String DOCKER_CONTENT_DIGEST = "Docker-Content-Digest";

    /** Which registry the content is said to be from. */
    private static final String OCI_NAMESPACE = "OCI-Namespace";

    /** {@code local}, or the {@code host:port} of the peer that the first byte came from: what a person wants to know first. */
    static final String SERVED_BY = "Spegel-Served-By";

    ContentHeaders {
        requireNonNull(mediaType, "mediaType");
        requireNonNull(digest, "digest");
        requireNonNull(part, "part");
    }

    /** Where the body begins in the content. */
    long first() {
        return part.map(ByteRange::first).orElse(0L);
    }

    /** How long the body is. */
    long length() {
        return part.map(ByteRange::length).orElse(sizeBytes);
    }

    /** Whether the body is the whole content, so that its digest can be checked. */
    boolean whole() {
        return length() == sizeBytes;
    }

    /** Sets status and headers of an answer. */
    void putInto(Response response, ContentRequest request, String servedBy) {
        response.setStatus(part.isPresent() ? HttpStatus.PARTIAL_CONTENT_206 : HttpStatus.OK_200);
        HttpFields.Mutable headers = response.getHeaders();
        headers.put(HttpHeader.CONTENT_TYPE, mediaType.value());
        headers.put(HttpHeader.CONTENT_LENGTH, length());
        headers.put(DOCKER_CONTENT_DIGEST, digest.toString());
        request.path().registry().ifPresent(registry -> headers.put(OCI_NAMESPACE, registry));
        if (!request.forManifest()) {
            headers.put(HttpHeader.ACCEPT_RANGES, "bytes");
        }
        part.ifPresent(range -> headers.put(HttpHeader.CONTENT_RANGE, range.toContentRange(sizeBytes)));
        headers.put(SERVED_BY, servedBy);
    }
}
