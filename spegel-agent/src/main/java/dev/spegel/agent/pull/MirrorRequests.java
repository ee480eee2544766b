package dev.spegel.agent.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.Quoted;
import dev.spegel.oci.Reference;
import dev.spegel.routing.Credentials;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;

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

    /** RFC 9110, section 15.4.8. */
    private static final int TEMPORARY_REDIRECT = 307;

    private final URI mirror;
    private final Optional<? extends Credentials> credentials;
    private final Optional<MirrorTls> tls;
    private final PullLimits limits;

    /**
     * @param mirror scheme, host and port, without a path
     * @param credentials shown to the mirror
     * @param tls for a mirror whose scheme is {@code https}, and where that leads
     */
    MirrorRequests(
            URI mirror, Optional<? extends Credentials> credentials, Optional<MirrorTls> tls, PullLimits limits) {
        this.tls = requireNonNull(tls, "tls");
        this.credentials = requireNonNull(credentials, "credentials");
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
        return send(request, Optional.empty());
    }

    /** Asks for content from this byte on. Where the mirror sends its client to another node, that is asked, as containerd does. */
    MirrorAnswer get(Reference image, Descriptor content, long firstByte) throws IOException {
        String kind = content.mediaType().isManifest() ? "manifests" : "blobs";
        HttpURLConnection request = open("GET", image, kind, content.digest().toString());
        MirrorAnswer answer = send(wanting(request, content, firstByte), Optional.empty());
        if (answer.status() != TEMPORARY_REDIRECT) {
            return answer;
        }
        String location;
        try (answer) {
            location = answer.header("Location").orElse("");
        }
        URI elsewhere = target(location);
        HttpURLConnection second = connect("GET", elsewhere, tls.map(MirrorTls::others));
        return send(wanting(second, content, firstByte), Optional.of(elsewhere.getAuthority()));
    }

    private static HttpURLConnection wanting(HttpURLConnection request, Descriptor content, long firstByte) {
        request.setRequestProperty("Accept", content.mediaType() + ", */*");
        if (firstByte > 0) {
            request.setRequestProperty("Range", "bytes=" + firstByte + "-");
        }
        return request;
    }

    private URI target(String location) throws PullException {
        try {
            URI uri = new URI(location);
            // From TLS nobody is sent into the open, nor the other way.
            if (mirror.getScheme().equals(uri.getScheme()) && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw new PullException("the mirror redirects to " + Quoted.of(location), e);
        }
        throw new PullException("the mirror redirects to " + Quoted.of(location));
    }

    private HttpURLConnection open(String method, Reference image, String kind, String object) throws IOException {
        URI uri = mirror.resolve("/v2/%s/%s/%s?ns=%s"
                .formatted(image.repository(), kind, object, URLEncoder.encode(image.registry(), UTF_8)));
        HttpURLConnection request = connect(method, uri, tls.map(MirrorTls::mirror));
        credentials.ifPresent(shown ->
                request.setRequestProperty("Authorization", shown.current().headerValue()));
        return request;
    }

    private HttpURLConnection connect(String method, URI uri, Optional<SSLSocketFactory> sockets) throws IOException {
        HttpURLConnection request = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
        if (request instanceof HttpsURLConnection secure) {
            sockets.ifPresent(secure::setSSLSocketFactory);
        }
        request.setRequestMethod(method);
        request.setConnectTimeout((int) limits.connect().toMillis());
        request.setReadTimeout((int) limits.stall().toMillis());
        request.setInstanceFollowRedirects(false);
        request.setRequestProperty("User-Agent", "spegel");
        return request;
    }

    private static MirrorAnswer send(HttpURLConnection request, Optional<String> redirectedTo) throws IOException {
        try {
            return new MirrorAnswer(request, redirectedTo);
        } catch (IOException e) {
            throw new PullException(
                    "%s %s: %s".formatted(request.getRequestMethod(), request.getURL(), e.getMessage()), e);
        }
    }
}
