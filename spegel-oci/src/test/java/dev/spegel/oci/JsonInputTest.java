package dev.spegel.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bounds on what a stranger may send, reached from both sides. */
class JsonInputTest {
    @Test
    void bytes() {
        String frame = "{\"x\":\"\"}";
        String longest = "{\"x\":\"" + "a".repeat(JsonInput.MAX_BYTES - frame.length()) + "\"}";

        assertReads(longest);
        assertRefuses(longest + " ");
    }

    @Test
    void depth() {
        assertReads("{\"x\":" + nested(JsonInput.MAX_DEPTH - 1) + "}");
        assertRefuses("{\"x\":" + nested(JsonInput.MAX_DEPTH) + "}");
        assertRefuses("{\"x\":" + "[".repeat(1_000_000) + "}");
    }

    @Test
    void tokens() {
        // Besides the numbers: two braces, a name, two brackets.
        assertReads("{\"x\":[" + numbers(JsonInput.MAX_TOKENS - 5) + "]}");
        assertRefuses("{\"x\":[" + numbers(JsonInput.MAX_TOKENS - 4) + "]}");
    }

    @Test
    void fieldsRememberedAgainstDuplicates() {
        assertRefuses(IntStream.range(0, JsonInput.MAX_TOKENS)
                .mapToObj(i -> "\"" + i + "\":0")
                .collect(Collectors.joining(",", "{", "}")));
    }

    @Test
    void names() {
        assertReads("{\"" + "n".repeat(JsonInput.MAX_NAME_CHARS) + "\":1}");
        assertRefuses("{\"" + "n".repeat(JsonInput.MAX_NAME_CHARS + 1) + "\":1}");
    }

    @Test
    void numbers() {
        assertReads("{\"x\":" + "1".repeat(JsonInput.MAX_NUMBER_CHARS) + "}");
        assertRefuses("{\"x\":" + "1".repeat(JsonInput.MAX_NUMBER_CHARS + 1) + "}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "1",
                "{}{}",
                "{} x",
                "{\"x\":1,\"x\":2}",
                "{\"y\":{\"x\":1,\"x\":2}}",
                "{'x':1}",
                "{x:1}",
                "{\"x\":01}",
                "{\"x\":NaN}",
                "{\"x\":1,}",
                "/**/{}",
                "{\"x\":\"\u0001\"}",
            })
    void whatIsNotOneJsonObjectIsRefused(String text) {
        assertRefuses(text);
    }

    @Test
    void halfASurrogatePairIsNoText() {
        assertThat(text("{\"x\":\"\\ud83d\\ude00\"}")).isEqualTo("\ud83d\ude00");
        assertThatExceptionOfType(OciSyntaxException.class).isThrownBy(() -> text("{\"x\":\"\\ud83d\"}"));
    }

    @Test
    void aMessageSaysWhereButRepeatsNothingAtLength() {
        String name = "\\n" + "n".repeat(5_000);

        assertThatExceptionOfType(OciSyntaxException.class)
                .isThrownBy(() -> JsonInput.read(("{\"" + name + "\":1}").getBytes(UTF_8), "a document", in -> {
                    in.eachField(field -> in.text());
                    return "";
                }))
                .withMessageStartingWith("a document is invalid: a string is expected at \"/\\u000annn")
                .withMessageMatching(".{1,400}");
    }

    private static String nested(int arrays) {
        return "[".repeat(arrays) + "]".repeat(arrays);
    }

    private static String numbers(int count) {
        return "1,".repeat(count - 1) + "1";
    }

    private static String text(String json) {
        String[] text = {""};
        return JsonInput.read(json.getBytes(UTF_8), "a document", in -> {
            in.eachField(name -> text[0] = in.text());
            return text[0];
        });
    }

    private static boolean read(String json) {
        return JsonInput.read(json.getBytes(UTF_8), "a document", in -> {
            in.eachField(name -> in.skip());
            return true;
        });
    }

    private static void assertReads(String json) {
        assertThat(read(json)).isTrue();
    }

    private static void assertRefuses(String json) {
        assertThatExceptionOfType(OciSyntaxException.class)
                .isThrownBy(() -> read(json))
                .extracting(OciSyntaxException::code)
                .isEqualTo(ErrorCode.MANIFEST_INVALID);
    }
}
