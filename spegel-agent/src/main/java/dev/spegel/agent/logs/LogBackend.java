package dev.spegel.agent.logs;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.EncoderBase;
import java.io.OutputStream;
import org.slf4j.LoggerFactory;

/** The log backend, of which a process has one. Set up in code, so that no file on the class path has a say. */
public final class LogBackend {
    private LogBackend() {}

    /** From now on everything this process logs goes to this stream, which the caller keeps open. */
    public static void writeTo(OutputStream out, LogLevel level, LogFormat format) {
        LoggerContext context = context();
        context.reset();

        EncoderBase<ILoggingEvent> encoder = format == LogFormat.JSON ? new JsonLines() : new TextLines();
        encoder.setContext(context);
        encoder.start();
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.setOutputStream(out);
        appender.start();
        root(context).addAppender(appender);
        setLevel(level);
    }

    /** From any thread; what is logged from now on is more or less. */
    public static void setLevel(LogLevel level) {
        LoggerContext context = context();
        root(context).setLevel(level.toLogback());
        // At INFO Jetty tells of its own parts, at DEBUG it writes hundreds of lines a request.
        Level ofParts = level.compareTo(LogLevel.WARN) > 0 ? level.toLogback() : Level.WARN;
        context.getLogger("org.eclipse.jetty").setLevel(ofParts);
        // At DEBUG Netty tells of the platform that it finds, in dozens of lines.
        context.getLogger("io.netty").setLevel(ofParts);
        // These warn of what a client sent; it gets an answer that says so, and could fill the log at will.
        context.getLogger("org.eclipse.jetty.http").setLevel(Level.ERROR);
        context.getLogger("org.eclipse.jetty.util.HostPort").setLevel(Level.ERROR);
    }

    /** The level now. */
    public static LogLevel level() {
        return LogLevel.parse(root(context()).getLevel().toString());
    }

    private static LoggerContext context() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }

    private static Logger root(LoggerContext context) {
        return context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }
}
