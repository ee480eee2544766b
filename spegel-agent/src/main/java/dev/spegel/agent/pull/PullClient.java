package dev.spegel.agent.pull;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageIndex;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.Quoted;
import dev.spegel.oci.Reference;
import dev.spegel.oci.StoredMediaType;
import dev.spegel.routing.Credentials;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Pulls images through an agent's mirror with the requests that containerd sends, and checks every byte: a HEAD for the name, then
 * manifests and blobs by digest, blobs several at a time. Safe for use by many threads, which share its workers.
 */
public final class PullClient implements AutoCloseable {
    /** For what a worker does after its last read. */
    private static final Duration MARGIN = Duration.ofSeconds(5);

    /** As containerd and {@link dev.spegel.oci.store.OciLayoutWriter} have it; indexes in indexes are rare. */
    private static final int MAX_DEPTH = 8;

    /** They are kept to the end. A manifest has some KiB; a heap of 64 MiB has room for these, with what they are parsed into. */
    private static final long MAX_DOCUMENTS_BYTES = 8L << 20;

    private final MirrorRequests requests;
    private final PullLimits limits;
    private final ExecutorService workers;
    private final Set<ResumingStream> open = ConcurrentHashMap.newKeySet();

    /** @param mirror scheme, host and port of the agent's registry, without a path */
    public PullClient(URI mirror, PullLimits limits) {
        this(mirror, Optional.empty(), Optional.empty(), limits);
    }

    /**
     * @param mirror scheme, host and port of the agent's registry, without a path
     * @param credentials shown to it
     */
    public PullClient(URI mirror, Credentials credentials, PullLimits limits) {
        this(mirror, Optional.of(credentials), Optional.empty(), limits);
    }

    /**
     * @param mirror scheme, host and port of the agent's registry, without a path
     * @param credentials shown to it
     * @param tls for one whose scheme is {@code https}; the platform's authorities and no certificate otherwise
     */
    public PullClient(
            URI mirror, Optional<? extends Credentials> credentials, Optional<MirrorTls> tls, PullLimits limits) {
        this(new MirrorRequests(mirror, credentials, tls, limits), limits);
    }

    private PullClient(MirrorRequests requests, PullLimits limits) {
        this.requests = requests;
        this.limits = limits;
        AtomicInteger count = new AtomicInteger();
        this.workers = Executors.newFixedThreadPool(limits.parallel(), task -> {
            Thread thread = new Thread(task, "pull-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Pulls an image and names it.
     *
     * @param choice which manifests of an index to pull; the others stay away
     * @throws ImageAbsentException if neither the mirror nor a node that it found has it
     * @throws PullException if the mirror lacks a part, or sends something else
     * @throws IOException if the target fails
     */
    public PullReport pull(Reference image, ManifestChoice choice, PullTarget target, PullProgress progress)
            throws IOException, InterruptedException {
        Pull pull = new Pull(image, choice, target, progress);
        return pull.run();
    }

    /** Whether the mirror itself holds what the image's name stands for, without asking its peers. */
    public boolean mirrorHolds(Reference image) throws IOException {
        try (MirrorAnswer answer = requests.resolve(image, true)) {
            return answer.status() == HttpURLConnection.HTTP_OK;
        }
    }

    /**
     * Pulls that run fail; their targets are left alone when this returns, which takes up to the limits for a connection and a stall
     * if the mirror is silent just then. Closing twice is harmless.
     */
    @Override
    public void close() throws IOException {
        workers.shutdownNow();
        open.forEach(ResumingStream::abort);
        try {
            Duration longest = limits.connect().plus(limits.stall()).plus(MARGIN);
            if (!workers.awaitTermination(longest.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new PullException("transfers from the mirror don't end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One pull. Its fields are used by the thread that pulls only; the workers get what they need handed. */
    private final class Pull {
        private final Reference image;
        private final ManifestChoice choice;
        private final PullTarget target;
        private final PullProgress progress;
        private final long startNanos = System.nanoTime();
        private final List<PulledContent> documents = new ArrayList<>();
        private final Deque<Map.Entry<Descriptor, byte[]>> toAdd = new ArrayDeque<>();
        private final List<Future<PulledContent>> blobs = new ArrayList<>();
        private final Set<Digest> seen = new HashSet<>();
        private long documentBytes;

        private Pull(Reference image, ManifestChoice choice, PullTarget target, PullProgress progress) {
            this.image = requireNonNull(image, "image");
            this.choice = requireNonNull(choice, "choice");
            this.target = requireNonNull(target, "target");
            this.progress = requireNonNull(progress, "progress");
        }

        private PullReport run() throws IOException, InterruptedException {
            try {
                Descriptor root = resolve();
                walk(root, MAX_DEPTH);
                List<PulledContent> contents = new ArrayList<>(documents);
                for (Future<PulledContent> blob : blobs) {
                    contents.add(await(blob));
                }
                // A manifest comes after all that it names, so that nobody ever sees one without.
                for (Map.Entry<Descriptor, byte[]> document : toAdd) {
                    target.add(document.getKey(), new ByteArrayInputStream(document.getValue()));
                }
                target.finish(image, root);
                return new PullReport(image, root, contents, elapsedSince(startNanos));
            } finally {
                blobs.forEach(blob -> blob.cancel(true));
            }
        }

        private Descriptor resolve() throws IOException {
            try (MirrorAnswer answer = requests.resolve(image, false)) {
                if (answer.status() == HttpURLConnection.HTTP_NOT_FOUND) {
                    throw new ImageAbsentException("neither the mirror nor a node that it found has " + image);
                }
                if (answer.status() == HttpURLConnection.HTTP_UNAUTHORIZED) {
                    throw new PullException("the mirror wants credentials for %s, or other ones".formatted(image));
                }
                if (answer.status() == HttpURLConnection.HTTP_FORBIDDEN) {
                    throw new CertificateWantedException("the mirror wants a client certificate for " + image);
                }
                if (answer.status() != HttpURLConnection.HTTP_OK) {
                    throw new PullException("the mirror answered %d for %s".formatted(answer.status(), image));
                }
                String digest = required(answer, "Docker-Content-Digest");
                String mediaType = required(answer, "Content-Type");
                long length =
                        answer.length().orElseThrow(() -> new PullException("the mirror gave no length for " + image));
                Descriptor found = Descriptor.of(new MediaType(mediaType), Digest.parse(digest), length);
                if (image.digest().isPresent() && !image.digest().get().equals(found.digest())) {
                    throw new PullException("the mirror answered %s for %s".formatted(found.digest(), image));
                }
                return found;
            } catch (OciSyntaxException e) {
                throw new PullException("the mirror's answer for " + image + ": " + e.getMessage(), e);
            }
        }

        private String required(MirrorAnswer answer, String header) throws PullException {
            return answer.header(header)
                    .orElseThrow(() -> new PullException("the mirror gave no %s for %s".formatted(header, image)));
        }

        private void walk(Descriptor document, int depthLeft) throws IOException {
            if (!seen.add(document.digest())) {
                return;
            }
            if (depthLeft == 0) {
                throw new PullException("%s has indexes nested more than %d deep".formatted(image, MAX_DEPTH));
            }
            documentBytes += document.sizeBytes();
            if (documentBytes > MAX_DOCUMENTS_BYTES) {
                throw new PullException(
                        "the manifests of %s have more than %d bytes in all".formatted(image, MAX_DOCUMENTS_BYTES));
            }
            if (document.sizeBytes() > StoredMediaType.MAX_DOCUMENT_BYTES) {
                throw new PullException("%s of %d bytes is too large for a manifest"
                        .formatted(document.digest(), document.sizeBytes()));
            }
            byte[] json = getDocument(document);
            try {
                if (document.mediaType().isIndex()) {
                    for (Descriptor manifest :
                            choose(document, ImageIndex.parse(json).manifests())) {
                        if (manifest.mediaType().isManifest()) {
                            walk(manifest, depthLeft - 1);
                        } else {
                            pullBlob("content", manifest);
                        }
                    }
                } else if (document.mediaType().isManifest()) {
                    ImageManifest manifest = ImageManifest.parse(json);
                    pullBlob("config", manifest.config());
                    int layer = 0;
                    for (Descriptor blob : manifest.layers()) {
                        layer++;
                        if (!blob.mediaType().isForeignLayer()) { // those aren't distributed, and no mirror has them
                            pullBlob("layer " + layer, blob);
                        }
                    }
                } else {
                    throw new PullException("%s names neither an image nor an index, but %s"
                            .formatted(image, Quoted.of(document.mediaType().value())));
                }
            } catch (OciSyntaxException e) {
                throw new PullException(document.digest() + " of " + image + ": " + e.getMessage(), e);
            }
        }

        private List<Descriptor> choose(Descriptor index, List<Descriptor> manifests) throws PullException {
            try {
                return choice.from(manifests);
            } catch (PullException e) {
                throw new PullException("%s of %s: %s".formatted(index.digest(), image, e.getMessage()), e);
            }
        }

        private byte[] getDocument(Descriptor document) throws IOException {
            progress.found(document);
            try (ResumingStream stream = new ResumingStream(requests, image, document, limits, progress)) {
                byte[] json = stream.readAllBytes();
                String role = document.mediaType().isIndex() ? "index" : "manifest";
                documents.add(stream.report(role));
                toAdd.push(Map.entry(document, json));
                return json;
            }
        }

        private void pullBlob(String role, Descriptor blob) throws IOException {
            if (!seen.add(blob.digest()) || target.contains(blob)) {
                return;
            }
            progress.found(blob);
            blobs.add(workers.submit(() -> getBlob(role, blob)));
        }

        private PulledContent getBlob(String role, Descriptor blob) throws IOException {
            try (ResumingStream stream = new ResumingStream(requests, image, blob, limits, progress)) {
                open.add(stream);
                try {
                    target.add(blob, stream);
                } catch (IOException e) {
                    throw stream.failure().<IOException>map(failure -> failure).orElse(e);
                } finally {
                    open.remove(stream);
                }
                return stream.report(role);
            }
        }
    }

    private static PulledContent await(Future<PulledContent> blob) throws IOException, InterruptedException {
        try {
            return blob.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException("a worker of a pull failed", cause);
        }
    }

    private static Duration elapsedSince(long startNanos) {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }
}
