package dev.spegel.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** What {@link Peer} talks to in our own programs: it answers requests, each in a thread of its own. */
final class LineServer {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Answerer> answerers;
    private final InputStream in;
    private final PrintStream out;

    LineServer(Map<String, Answerer> answerers, InputStream in, PrintStream out) {
        this.answerers = Map.copyOf(answerers);
        this.in = in;
        this.out = out;
    }

    /** Writes a line that nobody has asked for. */
    void event(String what, Map<String, ?> more) throws IOException {
        Map<String, Object> line = new HashMap<>(more);
        line.put("event", what);
        write(line);
    }

    /** Answers until somebody says "quit" or nothing more can come. */
    void serve() throws IOException, InterruptedException {
        ExecutorService threads = Executors.newCachedThreadPool();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode request = JSON.readTree(line);
                if (request.get("do").textValue().equals("quit")) {
                    break;
                }
                threads.execute(() -> answer(request));
            }
        } finally {
            threads.shutdownNow();
            threads.awaitTermination(5, TimeUnit.SECONDS);
        }
    }

    @SuppressWarnings("CatchAndPrintStackTrace") // standard error is this program's log
    private void answer(JsonNode request) {
        Map<String, Object> answer = new HashMap<>();
        answer.put("id", request.get("id").intValue());
        try {
            String what = request.get("do").textValue();
            Answerer answerer = answerers.get(what);
            if (answerer == null) {
                throw new IllegalArgumentException("there is no request \"" + what + "\"");
            }
            answer.putAll(answerer.answer(request));
        } catch (Exception e) {
            e.printStackTrace();
            answer.put("error", e.toString());
        }
        try {
            write(answer);
        } catch (IOException e) {
            e.printStackTrace();
        }
    }

    private void write(Map<String, ?> line) throws IOException {
        String text = JSON.writeValueAsString(line);
        synchronized (out) {
            out.println(text);
            out.flush();
        }
    }

    /** Answers one kind of request. */
    interface Answerer {
        Map<String, ?> answer(JsonNode request) throws Exception;
    }
}
