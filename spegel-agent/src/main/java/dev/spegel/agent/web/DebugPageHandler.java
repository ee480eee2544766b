package dev.spegel.agent.web;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.ActivityView;
import dev.spegel.agent.inspect.CrossSite;
import dev.spegel.agent.inspect.NetworkView;
import dev.spegel.agent.inspect.NodeView;
import dev.spegel.agent.inspect.ReportJson;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.Reference;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.FormFields;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;

/**
 * The debug page, below {@code /debug/web/}. What only shows is {@code GET}; {@code POST} begins and cancels a measurement, and an
 * examination of the node, and is refused to pages of other sites. Other paths are left to the next handler.
 */
public final class DebugPageHandler extends Handler.Abstract {
    private static final String PREFIX = "/debug/web";

    /**
     * Nothing but what this server sends, no script or style within the page, and no page around it: so that a name which should get
     * through the escaping does nothing. Content Security Policy Level 3.
     */
    static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /** A name of an image, and its escapes. */
    private static final int MAX_FORM_BYTES = 4096;

    private static final int MAX_FORM_FIELDS = 4;

    private final Page page;
    private final NetworkView network;
    private final Measurements measurements;
    private final Examinations examinations;
    private final Assets assets = new Assets();

    public DebugPageHandler(
            NetworkView network,
            NodeView node,
            ActivityView activity,
            Measurements measurements,
            Examinations examinations) {
        this.network = requireNonNull(network, "network");
        this.measurements = requireNonNull(measurements, "measurements");
        this.examinations = requireNonNull(examinations, "examinations");
        page = new Page(network, node, activity, measurements, examinations);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback)
            throws IOException, InterruptedException {
        String path = Request.getPathInContext(request);
        if (path.equals(PREFIX)) {
            harden(response);
            redirect(response, callback, HttpStatus.PERMANENT_REDIRECT_308, PREFIX + "/");
            return true;
        }
        if (!path.startsWith(PREFIX + "/")) {
            return false;
        }
        harden(response);
        String what = path.substring(PREFIX.length() + 1);
        switch (what) {
            case "measure", "measure/cancel", "examine" -> change(what, request, response, callback);
            default -> show(what, request, response, callback);
        }
        return true;
    }

    private static void harden(Response response) {
        response.getHeaders().put("Content-Security-Policy", POLICY);
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        response.getHeaders().put("X-Frame-Options", "DENY");
        // With no-referrer, forms would send "Origin: null", which can't be told from another site's.
        response.getHeaders().put("Referrer-Policy", "same-origin");
        response.getHeaders().put("Cross-Origin-Resource-Policy", "same-origin");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    }

    private void show(String what, Request request, Response response, Callback callback)
            throws IOException, InterruptedException {
        boolean head = HttpMethod.HEAD.is(request.getMethod());
        if (!head && !HttpMethod.GET.is(request.getMethod())) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
            refuse(response, callback, HttpStatus.METHOD_NOT_ALLOWED_405, "only GET and HEAD are supported");
            return;
        }
        Question question;
        try {
            question = Question.of(Request.extractQueryParameters(request));
        } catch (RuntimeException e) {
            refuse(response, callback, HttpStatus.BAD_REQUEST_400, "a query is name=value pairs in UTF-8");
            return;
        }
        Optional<Assets.Asset> asset = assets.find(what);
        if (what.isEmpty()) {
            send(response, callback, HttpStatus.OK_200, "text/html; charset=utf-8", bytes(page.write(question)));
        } else if (asset.isPresent()) {
            send(
                    response,
                    callback,
                    HttpStatus.OK_200,
                    asset.get().type(),
                    asset.get().content());
        } else if (what.equals("metadata")) {
            String json = ReportJson.metadata(network.known().node());
            send(response, callback, HttpStatus.OK_200, "application/json", bytes(json));
        } else {
            Optional<String> section = what.startsWith("section/")
                    ? page.write(what.substring("section/".length()), question)
                    : Optional.empty();
            if (section.isPresent()) {
                send(response, callback, HttpStatus.OK_200, "text/html; charset=utf-8", bytes(section.get()));
            } else {
                refuse(response, callback, HttpStatus.NOT_FOUND_404, "there is no such page");
            }
        }
    }

    private void change(String what, Request request, Response response, Callback callback) {
        if (!HttpMethod.POST.is(request.getMethod())) {
            response.getHeaders().put(HttpHeader.ALLOW, "POST");
            refuse(response, callback, HttpStatus.METHOD_NOT_ALLOWED_405, "only POST is supported");
        } else if (CrossSite.isBehind(request)) {
            refuse(response, callback, HttpStatus.FORBIDDEN_403, "pages of other sites can't change anything here");
        } else if (what.equals("measure")) {
            measure(request, response, callback);
        } else if (what.equals("examine")) {
            examinations.begin();
            redirect(response, callback, HttpStatus.SEE_OTHER_303, PREFIX + "/#health");
        } else {
            measurements.cancel();
            redirect(response, callback, HttpStatus.SEE_OTHER_303, PREFIX + "/#measured");
        }
    }

    private void measure(Request request, Response response, Callback callback) {
        String text;
        try {
            Fields form = FormFields.getFields(request, MAX_FORM_FIELDS, MAX_FORM_BYTES);
            String image = form.getValue("image");
            text = image == null ? "" : image.strip();
        } catch (RuntimeException e) {
            refuse(
                    response,
                    callback,
                    HttpStatus.BAD_REQUEST_400,
                    "a form with the field image is expected, of at most %d bytes".formatted(MAX_FORM_BYTES));
            return;
        }
        Reference image;
        try {
            image = Reference.parseLenient(text);
        } catch (OciSyntaxException e) {
            refuse(response, callback, HttpStatus.BAD_REQUEST_400, String.valueOf(e.getMessage()));
            return;
        }
        if (measurements.begin(image)) {
            redirect(response, callback, HttpStatus.SEE_OTHER_303, PREFIX + "/#measured");
        } else {
            refuse(response, callback, HttpStatus.CONFLICT_409, "a measurement runs already; cancel it, or wait");
        }
    }

    private static void redirect(Response response, Callback callback, int status, String where) {
        response.getHeaders().put(HttpHeader.LOCATION, where);
        send(response, callback, status, "text/plain; charset=utf-8", new byte[0]);
    }

    /** For people as for programs. */
    private static void refuse(Response response, Callback callback, int status, String sentence) {
        Html html = new Html().doctype().open("html", "lang", "en").open("head");
        html.open("meta", "charset", "utf-8");
        html.open("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        html.element("title", "Spegel")
                .open("link", "rel", "stylesheet", "href", PREFIX + "/style.css")
                .close();
        html.open("body").open("main").element("h1", HttpStatus.getMessage(status));
        html.foreign("p", sentence)
                .open("p")
                .element("a", "Back", "href", PREFIX + "/")
                .close();
        html.close().close().close();
        send(response, callback, status, "text/html; charset=utf-8", bytes(html.toString()));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void send(Response response, Callback callback, int status, String type, byte[] body) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        boolean head = HttpMethod.HEAD.is(response.getRequest().getMethod());
        response.write(true, head ? null : ByteBuffer.wrap(body), callback);
    }
}
