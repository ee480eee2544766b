package dev.spegel.agent.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.Reference;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.net.URLEncoder;

/** Sends the requests of containerd's pulls: HEAD by tag or digest, then GET by digest only, all with {@code ns}. */
final class MirrorRequests {
    /** In the order in which containerd lists them. */
    private static final String MANIFEST_TYPES = String.join(
            ", ",
            MediaType.DOCKER_MANIFEST.value(),
            MediaType.DOCKER_MANIFEST_LIST.value(),
            MediaType.OCI_MANIFEST.value(),
            MediaType.OCI_INDEX.value(),
            "*/*");

    private final URI mirror;
    private final PullLimits limits;

    /** @param mirror scheme, host and port, without a path */
    MirrorRequests(URI mirror, PullLimits limits) {
        this.mirror = requireNonNull(mirror, "mirror");
        this.limits = requireNonNull(limits, "limits");
    }

    /**
     * Asks which manifest or index a name stands for.
     *
     * @param ownContentOnly whether the mirror must answer for itself, as one agent asks another
     */
    MirrorAnswer resolve(Reference image, boolean ownContentOnly) throws IOException {
        String object = image.digest().map(Digest::toString).or(image::tag).orElseThrow();
        HttpURLConnection request = open("HEAD", image, "manifests", object);
        request.setRequestProperty("Accept", MANIFEST_TYPES);
        if (ownContentOnly) {
            request.setRequestProperty("X-Spegel-Mirrored", "true");
        }
        return send(request);
    }

    /** Asks for content from this byte on. */
    MirrorAnswer get(Reference image, Descriptor content, long firstByte) throws IOException {
        String kind = content.mediaType().isManifest() ? "manifests" : "blobs";
        HttpURLConnection request = open("GET", image, kind, content.digest().toString());
        request.setRequestProperty("Accept", content.mediaType() + ", */*");
        if (firstByte > 0) {
            request.setRequestProperty("Range", "bytes=" + firstByte + "-");
        }
        return send(request);
    }

    private HttpURLConnection open(String method, Reference image, String kind, String object) throws IOException {
        URI uri = mirror.resolve("/v2/%s/%s/%s?ns=%s"
                .formatted(image.repository(), kind, object, URLEncoder.encode(image.registry(), UTF_8)));
        HttpURLConnection request = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
        request.setRequestMethod(method);
        request.setConnectTimeout((int) limits.connect().toMillis());
        request.setReadTimeout((int) limits.stall().toMillis());
        request.setInstanceFollowRedirects(false);
        request.setRequestProperty("User-Agent", "spegel");
        return request;
    }

    private static MirrorAnswer send(HttpURLConnection request) throws IOException {
        try {
            return new MirrorAnswer(request);
        } catch (IOException e) {
            throw new PullException(
                    "%s %s: %s".formatted(request.getRequestMethod(), request.getURL(), e.getMessage()), e);
        }
    }
}
