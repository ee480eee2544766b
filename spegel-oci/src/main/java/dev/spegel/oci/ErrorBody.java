package dev.spegel.oci;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The body of a registry's answer that is a failure: OCI distribution-spec v1.1.1, section "Error Codes". At least one error. */
public record ErrorBody(List<Entry> errors) {
    /** The media type to send it with. */
    public static final MediaType MEDIA_TYPE = new MediaType("application/json");

    /** More than any registry has to say; what exceeds it we don't read. */
    public static final int MAX_PARSED_BYTES = 64 * 1024;

    public ErrorBody {
        errors = List.copyOf(errors);
        if (errors.isEmpty()) {
            throw new IllegalArgumentException("an error body has at least one error");
        }
    }

    /** The body for one error, with the message of its code. */
    public static ErrorBody of(ErrorCode code) {
        return of(code, code.message());
    }

    /** The body for one error, with a message of its own. */
    public static ErrorBody of(ErrorCode code, String message) {
        return new ErrorBody(List.of(new Entry(code.name(), message, Optional.empty())));
    }

    /** @param detail what a person needs to find the cause, in words */
    public static ErrorBody of(ErrorCode code, String message, String detail) {
        return new ErrorBody(List.of(new Entry(code.name(), message, Optional.of(detail))));
    }

    /**
     * Reads the body of another registry's answer as far as it can be understood; empty if it isn't one, or is larger than {@link
     * #MAX_PARSED_BYTES}: failures come from anything that speaks HTTP. Codes may be unknown ones, and a detail that isn't text is
     * left out.
     */
    public static Optional<ErrorBody> parse(byte[] json) {
        if (json.length > MAX_PARSED_BYTES) {
            return Optional.empty();
        }
        try {
            List<Entry> errors = JsonInput.read(json, "an error body", ErrorBody::readErrors);
            return errors.isEmpty() ? Optional.empty() : Optional.of(new ErrorBody(errors));
        } catch (OciSyntaxException e) {
            return Optional.empty(); // the answer's status counts; its body is a remark
        }
    }

    /** As it is sent, in UTF-8. */
    public byte[] toJson() {
        return JsonOutput.object(out -> {
            out.writeArrayFieldStart("errors");
            for (Entry error : errors) {
                out.writeStartObject();
                out.writeStringField("code", error.code());
                out.writeStringField("message", error.message());
                if (error.detail().isPresent()) {
                    out.writeStringField("detail", error.detail().get());
                }
                out.writeEndObject();
            }
            out.writeEndArray();
        });
    }

    private static List<Entry> readErrors(JsonInput in) throws IOException {
        List<Entry> errors = new ArrayList<>();
        in.eachField(name -> {
            if (name.equals("errors")) {
                errors.addAll(in.list(ErrorBody::readEntry));
            } else {
                in.skip();
            }
        });
        return errors;
    }

    private static Entry readEntry(JsonInput in) throws IOException {
        String[] texts = {"", "", ""};
        in.eachField(name -> {
            int field = List.of("code", "message", "detail").indexOf(name);
            if (field >= 0 && in.isText()) {
                texts[field] = in.text();
            } else {
                in.skip();
            }
        });
        return new Entry(texts[0], texts[1], Optional.of(texts[2]).filter(text -> !text.isEmpty()));
    }

    /**
     * One error.
     *
     * @param code one of {@link ErrorCode}'s names, or what another registry sent instead
     * @param message one line for people; may be empty
     */
    public record Entry(String code, String message, Optional<String> detail) {
        /** @throws OciSyntaxException if a part isn't Unicode text */
        public Entry {
            UnicodeText.require(code);
            UnicodeText.require(message);
            requireNonNull(detail, "detail").ifPresent(UnicodeText::require);
        }
    }
}
