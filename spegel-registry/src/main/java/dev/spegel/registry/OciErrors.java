package dev.spegel.registry;

import dev.spegel.oci.ContentRange;
import dev.spegel.oci.ErrorBody;
import dev.spegel.oci.ErrorCode;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Answers that are failures, in the form of OCI distribution-spec v1.1.1, section "Error Codes". */
final class OciErrors {
    private OciErrors() {}

    /** Sends the code with its own status. */
    static void send(Response response, Callback callback, ErrorCode code, String detail) {
        send(response, callback, code.httpStatus(), ErrorBody.of(code, code.message(), detail));
    }

    /** Status 416 for content of this size: RFC 9110, section 15.5.17. */
    static void sendRangeNotSatisfiable(Response response, Callback callback, long sizeBytes) {
        response.getHeaders()
                .put(
                        HttpHeader.CONTENT_RANGE,
                        ContentRange.unsatisfied(sizeBytes).toString());
        send(
                response,
                callback,
                HttpStatus.RANGE_NOT_SATISFIABLE_416,
                ErrorBody.of(
                        ErrorCode.UNSUPPORTED,
                        "range not satisfiable",
                        "the content has %d bytes".formatted(sizeBytes)));
    }

    /** Status 429: RFC 6585, section 4. For other nodes only; containerd would give up. */
    static void sendTooManyRequests(Response response, Callback callback, Duration retryAfter) {
        response.getHeaders().put(HttpHeader.RETRY_AFTER, retryAfter.toSeconds());
        send(response, callback, ErrorCode.TOOMANYREQUESTS, "this node sends as much as it may");
    }

    static void send(Response response, Callback callback, int status, ErrorBody body) {
        byte[] json = body.toJson();
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, ErrorBody.MEDIA_TYPE.value());
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, json.length);
        response.write(true, ByteBuffer.wrap(json), callback);
    }
}
