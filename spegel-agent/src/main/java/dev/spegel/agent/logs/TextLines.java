package dev.spegel.agent.logs;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;

/** An event as a line for people: the time here, level, the class that says it, and what of; then what is known of its request. */
final class TextLines extends EncoderBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}+");
    private static final byte[] NOTHING = {};

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
        Instant time = event.getInstant();
        String name = event.getLoggerName();
        StringBuilder line = new StringBuilder(TIME.format(time.atZone(ZoneId.systemDefault())))
                .append(' ')
                .append("%-5s".formatted(event.getLevel()))
                .append(' ')
                .append(name.substring(name.lastIndexOf('.') + 1))
                .append(": ")
                // One event is one line, and nobody writes to the terminal but us, whatever a library lets through.
                .append(CONTROL.matcher(event.getFormattedMessage()).replaceAll(" "));
        event.getMDCPropertyMap()
                .forEach((key, value) ->
                        line.append(" [").append(key).append(' ').append(value).append(']'));
        line.append(System.lineSeparator());
        if (event.getThrowableProxy() != null) {
            line.append(stacks.convert(event));
        }
        return line.toString().getBytes(UTF_8);
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }
}
