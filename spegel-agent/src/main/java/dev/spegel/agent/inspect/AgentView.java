package dev.spegel.agent.inspect;

import static java.util.Objects.requireNonNull;

import dev.spegel.routing.PeerAddress;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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

    /** For starting the flight recorder, and writing what it recorded, on a busy node. */
    private static final Duration RECORDING_LIMIT = Duration.ofSeconds(30);

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

    /** How much it logs. */
    public String logLevel() throws IOException, InterruptedException {
        return readLogLevel(ask("log-level", ANSWER_LIMIT));
    }

    /** Has it log more or less from now on, and returns the level that it has then. */
    public String setLogLevel(String level) throws IOException, InterruptedException {
        return readLogLevel(ask(
                "log-level?level=" + URLEncoder.encode(level, StandardCharsets.UTF_8),
                "PUT",
                ANSWER_LIMIT,
                AgentView::small));
    }

    private String readLogLevel(byte[] answer) throws IOException {
        try {
            return ReportJson.readLogLevel(answer);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** What it says of its JVM: {@code threads}, {@code heap} or {@code memory}, for people to read. Its node's programs may ask only. */
    public byte[] jvmReport(String what) throws IOException, InterruptedException {
        return ask(what, "POST", ANSWER_LIMIT, AgentView::small);
    }

    /** What it answers to a question as it is, in the form that docs/http.md tells. */
    public byte[] raw(String question) throws IOException, InterruptedException {
        return ask(question, ANSWER_LIMIT);
    }

    /** What it counts and measures, as a scraper would read it. */
    public byte[] metrics() throws IOException, InterruptedException {
        return send("/metrics", "GET", ANSWER_LIMIT, AgentView::small);
    }

    /** Has it record its JVM for so long; the recording goes to the stream. Its node's programs may ask only. */
    public void record(Duration time, OutputStream target) throws IOException, InterruptedException {
        long bytes = ask(
                "recording?seconds=" + time.toSeconds(),
                "POST",
                time.plus(RECORDING_LIMIT),
                in -> in.transferTo(target));
        if (bytes == 0) {
            throw new IOException(this + " sent an empty recording");
        }
    }

    private IOException unreadable(IOException cause) {
        return new IOException("the answer of %s can't be read: %s".formatted(this, cause.getMessage()), cause);
    }

    /** What is done with the body of a good answer. */
    private interface Reader<T> {
        T read(InputStream body) throws IOException;
    }

    private static byte[] small(InputStream body) throws IOException {
        return body.readNBytes(MAX_ANSWER_BYTES);
    }

    private byte[] ask(String question, Duration limit) throws IOException, InterruptedException {
        return ask(question, "GET", limit, AgentView::small);
    }

    private <T> T ask(String question, String method, Duration limit, Reader<T> reader)
            throws IOException, InterruptedException {
        return send(DebugApiHandler.PREFIX + question, method, limit, reader);
    }

    private <T> T send(String target, String method, Duration limit, Reader<T> reader)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + agent + target))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(limit)
                .build();
        HttpResponse<InputStream> response;
        try {
            response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (ConnectException e) {
            throw new AgentAbsentException("nothing answers at %s".formatted(agent), e);
        } catch (HttpTimeoutException e) {
            throw new IOException("%s doesn't answer in time".formatted(this), e);
        }
        try (InputStream body = response.body()) {
            if (response.statusCode() == 404) {
                throw new AgentAbsentException("what answers at %s is no agent that can be asked".formatted(agent));
            }
            if (response.statusCode() != 200) {
                throw new IOException("%s answers %d: %s"
                        .formatted(
                                this,
                                response.statusCode(),
                                ReportJson.readError(small(body)).orElse("without a reason")));
            }
            return reader.read(body);
        }
    }

    /** For a sentence: where the answer comes from. */
    @Override
    public String toString() {
        return "the agent at " + agent;
    }
}
