package dev.spegel.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorBodyTest {
    @Test
    void hasTheFormOfTheSpecification() {
        byte[] json = ErrorBody.of(ErrorCode.BLOB_UNKNOWN, "no \"peer\" has it", "asked 10.0.0.7\nand 10.0.0.8")
                .toJson();

        assertThat(new String(json, UTF_8))
                .isEqualTo("{\"errors\":[{\"code\":\"BLOB_UNKNOWN\",\"message\":\"no \\\"peer\\\" has it\","
                        + "\"detail\":\"asked 10.0.0.7\\nand 10.0.0.8\"}]}");
    }

    @ParameterizedTest
    @EnumSource
    void everyCodeIsReadBack(ErrorCode code) {
        ErrorBody body = ErrorBody.of(code);

        assertThat(ErrorBody.parse(body.toJson())).contains(body);
        assertThat(body.errors()).extracting(ErrorBody.Entry::message).containsExactly(code.message());
    }

    @Test
    void readsWhatOthersMakeOfIt() {
        byte[] json = """
                {"errors":[{"code":"TEAPOT","message":"short","detail":{"Name":"library/app"}},{"code":null,"x":[1]}],"y":{}}
                """.getBytes(UTF_8);

        assertThat(ErrorBody.parse(json))
                .contains(new ErrorBody(List.of(
                        new ErrorBody.Entry("TEAPOT", "short", Optional.empty()),
                        new ErrorBody.Entry("", "", Optional.empty()))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>502 Bad Gateway</html>",
                "{}",
                "[]",
                "{\"errors\":[]}",
                "{\"errors\":null}",
                "{\"errors\":{}}",
                "{\"errors\":[1]}",
                "{\"errors\":[{\"code\":\"X\"}]",
            })
    void whatIsNoErrorBodyIsEmpty(String body) {
        assertThat(ErrorBody.parse(body.getBytes(UTF_8))).isEmpty();
    }

    @Test
    void whatIsTooLargeIsEmpty() {
        byte[] fits = ErrorBody.of(ErrorCode.DENIED, "x".repeat(ErrorBody.MAX_PARSED_BYTES - 100))
                .toJson();
        byte[] tooLarge = ErrorBody.of(ErrorCode.DENIED, "x".repeat(ErrorBody.MAX_PARSED_BYTES))
                .toJson();

        assertThat(ErrorBody.parse(fits)).isPresent();
        assertThat(ErrorBody.parse(tooLarge)).isEmpty();
    }

    @Test
    void hasAtLeastOneError() {
        assertThatIllegalArgumentException().isThrownBy(() -> new ErrorBody(List.of()));
    }
}
