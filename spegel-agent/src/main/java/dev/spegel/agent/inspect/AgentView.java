package dev.spegel.agent.inspect;

import static java.util.Objects.requireNonNull;

import dev.spegel.routing.PeerAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** What a running agent sees, asked at its metrics address. */
public final class AgentView implements NetworkView, NodeView {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(2);

    /** Beyond what the agent itself takes at most. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

    /** A report of {@link NetworkView#MAX_PEERS} with many addresses each. */
    private static final int MAX_ANSWER_BYTES = 4 * 1024 * 1024;

    private final PeerAddress agent;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(CONNECT_LIMIT)
            .build();

    /** @param agent where the agent serves its metrics */
    public AgentView(PeerAddress agent) {
        this.agent = requireNonNull(agent, "agent");
    }

    @Override
    public PeersReport peers() throws IOException, InterruptedException {
        return peers("peers");
    }

    @Override
    public PeersReport known() throws IOException, InterruptedException {
        return peers("peers?measure=false");
    }

    private PeersReport peers(String question) throws IOException, InterruptedException {
        byte[] answer = ask(question, ANSWER_LIMIT);
        try {
            return ReportJson.readPeers(answer);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    @Override
    public LookupReport lookup(LookupRequest request) throws IOException, InterruptedException {
        byte[] answer = ask(
                "lookup?key=%s&max=%d&millis=%d"
                        .formatted(
                                URLEncoder.encode(request.key().text(), StandardCharsets.UTF_8),
                                request.maxPeers(),
                                request.limit().toMillis()),
                request.limit().plus(ANSWER_LIMIT));
        try {
            return ReportJson.readLookup(answer);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    @Override
    public StatusReport status() throws IOException, InterruptedException {
        byte[] answer = ask("status", ANSWER_LIMIT);
        try {
            return ReportJson.readStatus(answer);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    @Override
    public TagsReport tags() throws IOException, InterruptedException {
        byte[] answer = ask("tags", ANSWER_LIMIT);
        try {
            return ReportJson.readTags(answer);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    @Override
    public ImagesReport images(ImagesRequest request) throws IOException, InterruptedException {
        byte[] answer = ask(
                "images?after=%s&max=%d&contents=%b"
                        .formatted(
                                URLEncoder.encode(request.after(), StandardCharsets.UTF_8),
                                request.max(),
                                request.contents()),
                ANSWER_LIMIT);
        try {
            return ImagesJson.read(answer);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private IOException unreadable(IOException cause) {
        return new IOException("the answer of %s can't be read: %s".formatted(this, cause.getMessage()), cause);
    }

    private byte[] ask(String question, Duration limit) throws IOException, InterruptedException {
        URI uri = URI.create("http://" + agent + DebugApiHandler.PREFIX + question);
        HttpRequest request = HttpRequest.newBuilder(uri).timeout(limit).build();
        HttpResponse<InputStream> response;
        try {
            response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (ConnectException e) {
            throw new AgentAbsentException("nothing answers at %s".formatted(agent), e);
        } catch (HttpTimeoutException e) {
            throw new IOException("%s doesn't answer in time".formatted(this), e);
        }
        byte[] body;
        try (InputStream in = response.body()) {
            body = in.readNBytes(MAX_ANSWER_BYTES);
        }
        if (response.statusCode() == 404) {
            throw new AgentAbsentException("what answers at %s is no agent that can be asked".formatted(agent));
        }
        if (response.statusCode() != 200) {
            throw new IOException("%s answers %d: %s"
                    .formatted(
                            this,
                            response.statusCode(),
                            ReportJson.readError(body).orElse("without a reason")));
        }
        return body;
    }

    /** For a sentence: where the answer comes from. */
    @Override
    public String toString() {
        return "the agent at " + agent;
    }
}
