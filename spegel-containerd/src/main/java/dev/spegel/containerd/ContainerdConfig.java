package dev.spegel.containerd;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.store.WatchedContents;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which containerd to read, and how. Begin with {@link #DEFAULTS} and change what differs.
 *
 * @param socket containerd's gRPC socket
 * @param namespace containerd's namespace, whose content alone is shown; Kubernetes keeps its own in {@code k8s.io}
 * @param contentDirectory the content store's directory as this process sees it; empty: where containerd says that it is
 * @param relistInterval how often to compare what is known with all that containerd lists, though no event says that anything
 *     changed: containerd tells nobody of garbage that it collects, nor of content that one namespace takes over from another
 * @param callLimit how long one call may take until containerd counts as unreachable; one that lists gets four times as long
 * @param maxQueuedEvents what a watch keeps for its reader: {@link WatchedContents}
 */
public record ContainerdConfig(
        Path socket,
        String namespace,
        Optional<Path> contentDirectory,
        Duration relistInterval,
        Duration callLimit,
        int maxQueuedEvents) {
    /** containerd's pkg/identifiers: runs of letters and digits, joined by one of these; 76 characters at most. */
    private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9]+(?:[._-](?:[A-Za-z0-9]+))*");

    private static final int MAX_NAMESPACE_LENGTH = 76;

    /**
     * Spegel's {@code --containerd-sock} and {@code --containerd-namespace}. Listing 55,000 blobs takes containerd about a second,
     * so every five minutes goes unnoticed; a call that finds one thing takes a millisecond, so ten seconds mean that containerd
     * hangs.
     */
    public static final ContainerdConfig DEFAULTS = new ContainerdConfig(
            Path.of("/run/containerd/containerd.sock"),
            "k8s.io",
            Optional.empty(),
            Duration.ofMinutes(5),
            Duration.ofSeconds(10),
            WatchedContents.DEFAULT_MAX_QUEUED_EVENTS);

    /** @throws IllegalArgumentException if a path isn't absolute, a number isn't positive, or containerd allows no such namespace */
    public ContainerdConfig {
        requireAbsolute(socket, "socket");
        requireNonNull(namespace, "namespace");
        if (namespace.length() > MAX_NAMESPACE_LENGTH
                || !NAMESPACE.matcher(namespace).matches()) {
            throw new IllegalArgumentException(
                    "a containerd namespace is up to %d letters and digits in runs joined by '.', '_' or '-', got \"%s\""
                            .formatted(MAX_NAMESPACE_LENGTH, namespace));
        }
        contentDirectory.ifPresent(directory -> requireAbsolute(directory, "contentDirectory"));
        requirePositive(relistInterval, "relistInterval");
        requirePositive(callLimit, "callLimit");
        if (maxQueuedEvents < 1) {
            throw new IllegalArgumentException("maxQueuedEvents must be positive, got " + maxQueuedEvents);
        }
    }

    /** The same with another socket. */
    public ContainerdConfig withSocket(Path newSocket) {
        return new ContainerdConfig(newSocket, namespace, contentDirectory, relistInterval, callLimit, maxQueuedEvents);
    }

    /** The same for another namespace. */
    public ContainerdConfig withNamespace(String newNamespace) {
        return new ContainerdConfig(socket, newNamespace, contentDirectory, relistInterval, callLimit, maxQueuedEvents);
    }

    /** The same with the content store where this says, whatever containerd does. */
    public ContainerdConfig withContentDirectory(Path directory) {
        return new ContainerdConfig(
                socket, namespace, Optional.of(directory), relistInterval, callLimit, maxQueuedEvents);
    }

    /** The same with another interval. */
    public ContainerdConfig withRelistInterval(Duration interval) {
        return new ContainerdConfig(socket, namespace, contentDirectory, interval, callLimit, maxQueuedEvents);
    }

    /** The same with another limit. */
    public ContainerdConfig withCallLimit(Duration limit) {
        return new ContainerdConfig(socket, namespace, contentDirectory, relistInterval, limit, maxQueuedEvents);
    }

    /** The same with another bound for watches. */
    public ContainerdConfig withMaxQueuedEvents(int events) {
        return new ContainerdConfig(socket, namespace, contentDirectory, relistInterval, callLimit, events);
    }

    private static void requireAbsolute(Path path, String name) {
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("%s must be an absolute path, got %s".formatted(name, path));
        }
    }

    private static void requirePositive(Duration value, String name) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("%s must be positive, got %s".formatted(name, value));
        }
    }
}
