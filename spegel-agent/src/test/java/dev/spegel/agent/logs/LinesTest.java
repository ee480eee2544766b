package dev.spegel.agent.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.LoggerContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** The form of what is logged, and how much. */
class LinesTest {
    private final Logger logger = LoggerFactory.getLogger("dev.spegel.some.Thing");
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @AfterEach
    void silence() {
        MDC.clear();
        ((LoggerContext) LoggerFactory.getILoggerFactory()).reset();
    }

    private List<String> lines() {
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private static List<String> fields(JsonNode json) {
        return json.properties().stream().map(field -> field.getKey()).toList();
    }

    private JsonNode json() throws IOException {
        assertThat(lines()).hasSize(1);
        return new ObjectMapper().readTree(lines().get(0));
    }

    @Test
    void jsonHasTheGoImplementationsFieldsAndNoEmptyOnes() throws IOException {
        LogBackend.writeTo(out, LogLevel.INFO, LogFormat.JSON);
        logger.info("{} said \"{}\"", "peer\n7", "\u001b[31m\u2028é");
        JsonNode json = json();
        assertThat(fields(json)).containsExactly("time", "level", "msg", "logger");
        assertThat(Duration.between(Instant.parse(json.path("time").asText()), Instant.now()))
                .isBetween(Duration.ZERO, Duration.ofMinutes(5));
        assertThat(json.path("level").asText()).isEqualTo("INFO");
        assertThat(json.path("msg").asText()).isEqualTo("peer\n7 said \"\u001b[31m\u2028é\"");
        assertThat(json.path("logger").asText()).isEqualTo("dev.spegel.some.Thing");
    }

    @Test
    void jsonNamesTheRequest() throws IOException {
        LogBackend.writeTo(out, LogLevel.INFO, LogFormat.JSON);
        MDC.put("request", "7f3a");
        logger.warn("broke off");
        assertThat(fields(json())).containsExactly("time", "level", "msg", "logger", "request");
        assertThat(json().path("request").asText()).isEqualTo("7f3a");
    }

    @Test
    void jsonHasTheStackOfABugInOneLine() throws IOException {
        LogBackend.writeTo(out, LogLevel.INFO, LogFormat.JSON);
        logger.error("a bug", new IllegalStateException("oops"));
        assertThat(json().path("stack").asText())
                .startsWith("java.lang.IllegalStateException: oops")
                .contains("\tat ");
    }

    @Test
    void textIsOneLineWhateverIsInIt() {
        LogBackend.writeTo(out, LogLevel.INFO, LogFormat.TEXT);
        MDC.put("request", "7f3a");
        logger.warn("a peer said {}", "x\r\n12:00:00.000 ERROR Forged: \u001b[31m");
        assertThat(lines())
                .singleElement()
                .asString()
                .matches("[0-9:.]{12} WARN  Thing: a peer said x 12:00:00.000 ERROR Forged:  \\[31m \\[request 7f3a]");
    }

    @ParameterizedTest
    @CsvSource({"DEBUG, 4", "INFO, 3", "WARN, 2", "ERROR, 1"})
    void aLevelLetsThroughWhatIsAsGrave(LogLevel level, int lines) {
        LogBackend.writeTo(out, LogLevel.ERROR, LogFormat.TEXT);
        LogBackend.setLevel(level);
        assertThat(LogBackend.level()).isEqualTo(level);
        logger.debug("x");
        logger.info("x");
        logger.warn("x");
        logger.error("x");
        assertThat(lines()).hasSize(lines);
    }

    @Test
    void librariesStayQuietAtDebug() {
        LogBackend.writeTo(out, LogLevel.DEBUG, LogFormat.TEXT);
        LoggerFactory.getLogger("org.eclipse.jetty.server.Server").debug("x");
        LoggerFactory.getLogger("org.eclipse.jetty.server.Server").info("x");
        LoggerFactory.getLogger("io.netty.channel.Channel").debug("x");
        LoggerFactory.getLogger("org.eclipse.jetty.http.HttpParser").warn("x");
        assertThat(lines()).isEmpty();
        LoggerFactory.getLogger("io.netty.channel.Channel").warn("x");
        assertThat(lines()).hasSize(1);
    }

    @Test
    void levelsAreReadInAnyCase() {
        assertThat(LogLevel.parse("warn")).isEqualTo(LogLevel.WARN);
        assertThatThrownBy(() -> LogLevel.parse("loud"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a log level is DEBUG, INFO, WARN or ERROR, got \"loud\"");
    }
}
