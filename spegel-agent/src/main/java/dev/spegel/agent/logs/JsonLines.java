package dev.spegel.agent.logs;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;

/**
 * An event as one JSON object on a line, with the field names of the Go implementation's logs: {@code time}, {@code level}, {@code msg}.
 * Then {@code logger}; then what is known of the request that it belongs to; and a bug of ours has a {@code stack}. What isn't there has
 * no field.
 */
final class JsonLines extends EncoderBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private static final byte[] NOTHING = {};

    private final JsonFactory json = new JsonFactory();
    private final ThrowableProxyConverter stacks = new ThrowableProxyConverter();

    @Override
    public void start() {
        stacks.setContext(getContext());
        stacks.start();
        super.start();
    }

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        StringWriter line = new StringWriter();
        try (JsonGenerator out = json.createGenerator(line)) {
            out.writeStartObject();
            out.writeStringField("time", TIME.format(event.getInstant()));
            out.writeStringField("level", event.getLevel().toString());
            out.writeStringField("msg", event.getFormattedMessage());
            out.writeStringField("logger", event.getLoggerName());
            for (Map.Entry<String, String> known : event.getMDCPropertyMap().entrySet()) {
                out.writeStringField(known.getKey(), known.getValue());
            }
            if (event.getThrowableProxy() != null) {
                out.writeStringField("stack", stacks.convert(event).stripTrailing());
            }
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("write to memory", e);
        }
        return line.append('\n').toString().getBytes(UTF_8);
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }
}
