package dev.spegel.agent.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.TagsReport;
import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageIndex;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.Reference;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Asks an agent's registry for tags as a peer would, without fetching a layer: the tag and its manifests must come from this node, and
 * each layer from here or through here.
 */
final class TagAuditor {
    /** Some thousand requests: a node's images. Of more, those that are spread evenly over the list. */
    private static final int MAX_TAGS = 200;

    /** The reason of a tag that will be advertised in a moment. */
    private static final String ON_ITS_WAY = "not-told-yet";

    private static final Duration LIMIT = Duration.ofSeconds(4);

    private final RegistryClient registries;
    private final String base;
    /** By digest: empty if it can be served. Images share layers. */
    private final Map<Digest, Optional<String>> known = new HashMap<>();

    /** @param registry scheme, host and port */
    TagAuditor(URI registry, RegistryClient registries) {
        this.base = requireNonNull(registry, "registry") + "/v2/";
        this.registries = requireNonNull(registries, "registries");
    }

    /** @throws IOException if the registry doesn't answer */
    TagAudit audit(TagsReport report) throws IOException, InterruptedException {
        long start = System.nanoTime();
        List<String> chosen = chosen(report.tags());
        List<String> broken = new ArrayList<>();
        int checked = 0;
        for (String tag : chosen) {
            if (System.nanoTime() - start > LIMIT.toNanos()) {
                break;
            }
            problem(Reference.parse(tag)).ifPresent(reason -> broken.add(tag + ": " + reason));
            checked++;
        }
        List<String> heldBack = report.heldBack().stream()
                .filter(held -> !held.reason().equals(ON_ITS_WAY))
                .map(held -> held.tag() + ": " + held.why())
                .toList();
        return new TagAudit(report.advertised(), checked, broken, heldBack);
    }

    private static List<String> chosen(List<String> tags) {
        if (tags.size() <= MAX_TAGS) {
            return tags;
        }
        List<String> chosen = new ArrayList<>();
        for (int i = 0; i < MAX_TAGS; i++) {
            chosen.add(tags.get((int) ((long) i * tags.size() / MAX_TAGS)));
        }
        return chosen;
    }

    private Optional<String> problem(Reference tag) throws IOException, InterruptedException {
        RegistryClient.Answer answer = ask("HEAD", tag, "manifests/" + tag.tag().orElseThrow(), true);
        if (answer.status() != 200) {
            return Optional.of("the registry answers %d".formatted(answer.status()));
        }
        try {
            return manifestProblem(tag, Digest.parse(answer.header("Docker-Content-Digest")));
        } catch (OciSyntaxException e) {
            return Optional.of("the registry names no digest");
        }
    }

    private Optional<String> manifestProblem(Reference tag, Digest digest) throws IOException, InterruptedException {
        Optional<String> before = known.get(digest);
        if (before == null) {
            before = readManifest(tag, digest);
            known.put(digest, before);
        }
        return before;
    }

    private Optional<String> readManifest(Reference tag, Digest digest) throws IOException, InterruptedException {
        RegistryClient.Answer answer = ask("GET", tag, "manifests/" + digest, true);
        if (answer.status() != 200) {
            return Optional.of("manifest %s: the registry answers %d".formatted(digest, answer.status()));
        }
        try {
            return new MediaType(answer.header("Content-Type")).isIndex()
                    ? indexProblem(tag, digest, ImageIndex.parse(answer.body()))
                    : imageProblem(tag, ImageManifest.parse(answer.body()));
        } catch (OciSyntaxException e) {
            return Optional.of("manifest %s can't be read: %s".formatted(digest, e.getMessage()));
        }
    }

    /** A node has its own platform only. */
    private Optional<String> indexProblem(Reference tag, Digest digest, ImageIndex index)
            throws IOException, InterruptedException {
        Optional<String> first = Optional.empty();
        for (Descriptor child : index.manifests()) {
            Optional<String> problem = manifestProblem(tag, child.digest());
            if (problem.isEmpty()) {
                return problem;
            }
            first = first.or(() -> problem);
        }
        return Optional.of(
                "no image of index %s is whole; of the first, %s".formatted(digest, first.orElse("there is none")));
    }

    private Optional<String> imageProblem(Reference tag, ImageManifest manifest)
            throws IOException, InterruptedException {
        for (Descriptor blob : manifest.blobs()) {
            if (blob.mediaType().isForeignLayer()) {
                continue; // never distributed
            }
            Optional<String> problem = known.get(blob.digest());
            if (problem == null) {
                problem = blobProblem(tag, blob.digest());
                known.put(blob.digest(), problem);
            }
            if (problem.isPresent()) {
                return problem;
            }
        }
        return Optional.empty();
    }

    private Optional<String> blobProblem(Reference tag, Digest digest) throws IOException, InterruptedException {
        int status = ask("HEAD", tag, "blobs/" + digest, true).status();
        if (status == 404) {
            status = ask("HEAD", tag, "blobs/" + digest, false).status();
        }
        return status == 200
                ? Optional.empty()
                : Optional.of("blob %s: the registry answers %d".formatted(digest, status));
    }

    private RegistryClient.Answer ask(String method, Reference image, String object, boolean fromStoreAlone)
            throws IOException, InterruptedException {
        URI uri = URI.create("%s%s/%s?ns=%s"
                .formatted(base, image.repository(), object, URLEncoder.encode(image.registry(), UTF_8)));
        try {
            return registries.ask(method, uri, fromStoreAlone);
        } catch (IOException e) {
            throw new IOException("the registry at %s can't be asked: %s".formatted(base, e.getMessage()), e);
        }
    }
}
