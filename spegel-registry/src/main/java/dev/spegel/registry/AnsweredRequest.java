package dev.spegel.registry;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;

/**
 * A request for content that a registry has dealt with. What it asks for is well-formed, and otherwise whatever a client sent.
 *
 * @param id in what this node, and a peer that it asks, log of the request, and in the answer's {@code X-Request-Id}: letters, digits,
 *     dots, underscores and dashes, 64 at most
 * @param method {@code GET} or {@code HEAD}
 * @param registry the registry that the client named, if it did
 * @param repository the repository
 * @param reference a tag, or a digest
 * @param kind what it asks for
 * @param ofOtherNode whether another node asks, or a client that another node has sent here: then only the store is asked
 * @param source where the answer came from
 * @param servedBy the {@code host:port} of the peer that gave the first byte, or that the client was sent to; there with
 *     {@link Source#PEER} only
 * @param status the answer's, as in HTTP
 * @param bodyBytes how much of its body was sent
 * @param elapsed from the request's headers to the last byte of the answer
 * @param whyNot why there is no content, or no more; there if something is missing
 */
public record AnsweredRequest(
        String id,
        String method,
        Optional<String> registry,
        String repository,
        String reference,
        Kind kind,
        boolean ofOtherNode,
        Source source,
        Optional<String> servedBy,
        int status,
        long bodyBytes,
        Duration elapsed,
        Optional<String> whyNot) {
    public AnsweredRequest {
        requireNonNull(id, "id");
        requireNonNull(method, "method");
        requireNonNull(registry, "registry");
        requireNonNull(repository, "repository");
        requireNonNull(reference, "reference");
        requireNonNull(kind, "kind");
        requireNonNull(source, "source");
        requireNonNull(servedBy, "servedBy");
        requireNonNull(elapsed, "elapsed");
        requireNonNull(whyNot, "whyNot");
    }

    /** What is asked for. */
    public enum Kind {
        MANIFEST,
        BLOB
    }

    /** Where an answer comes from. */
    public enum Source {
        /** This node's store. */
        STORE,
        /** Another node: relayed, or by sending the client there. */
        PEER,
        /** There was no content to answer with. */
        NOBODY
    }
}
