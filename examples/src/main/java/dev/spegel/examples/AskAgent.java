package dev.spegel.examples;

import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import dev.spegel.routing.Key;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Asks an agent that runs on this node: who has an image, and what it is. Plain HTTP; nothing of the agent is on the class path. */
public final class AskAgent {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final HttpClient client = HttpClient.newHttpClient();
    private final URI registry;
    private final URI metrics;

    /**
     * Asks nobody yet.
     *
     * @param registry where {@code --registry-addr} listens, {@code http://127.0.0.1:5000/}
     * @param metrics where {@code --metrics-addr} listens, {@code http://127.0.0.1:9090/}
     */
    public AskAgent(URI registry, URI metrics) {
        this.registry = registry;
        this.metrics = metrics;
    }

    /** The nodes that say they have the tag, as JSON: docs/http.md, "The debug API". */
    public String lookup(TagReference tag) throws IOException, InterruptedException {
        String key = URLEncoder.encode(Key.of(tag).text(), StandardCharsets.UTF_8);
        return get(metrics.resolve("/debug/api/lookup?key=" + key)).body();
    }

    /** The digest that the tag names now, on this node or another. */
    public Digest resolve(TagReference tag) throws IOException, InterruptedException {
        HttpResponse<String> answer = get(
                registry.resolve("/v2/%s/manifests/%s?ns=%s".formatted(tag.repository(), tag.tag(), tag.registry())));
        if (answer.statusCode() != 200) {
            throw new IOException("no node has %s: %s".formatted(tag, answer.body()));
        }
        return Digest.parse(answer.headers().firstValue("Docker-Content-Digest").orElseThrow());
    }

    private HttpResponse<String> get(URI uri) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri).timeout(LIMIT).build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** The agent's registry, its metrics address and the tag are the arguments: {@code registry.example demo/app 1.0}. */
    public static void main(String[] arguments) throws Exception {
        AskAgent agent = new AskAgent(URI.create(arguments[0]), URI.create(arguments[1]));
        TagReference tag = new TagReference(arguments[2], arguments[3], arguments[4]);
        System.out.println(agent.resolve(tag));
        System.out.println(agent.lookup(tag));
    }
}
