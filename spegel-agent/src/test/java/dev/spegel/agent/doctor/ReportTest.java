package dev.spegel.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spegel.agent.console.Style;
import dev.spegel.agent.doctor.Finding.Status;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final Report REPORT = new Report(List.of(
            Finding.ok("one", "all is well"),
            Finding.error("number-two", "word ".repeat(40).strip(), "Do this. " + "x".repeat(120)),
            Finding.unknown("three", "it can't be seen", "Look.")));

    @Test
    void isAnAlignedTable() {
        assertThat(ReportText.lines(REPORT, new Style(false)))
                .startsWith(
                        "ok       one         all is well",
                        "error    number-two  " + "word ".repeat(18).strip())
                .contains("                     > Do this.", "unknown  three       it can't be seen")
                .endsWith("", "1 ok, 0 warnings, 1 error, 1 unknown");
    }

    @Test
    void aWordThatIsTooLongStaysWhole() {
        assertThat(ReportText.lines(REPORT, new Style(false))).contains(" ".repeat(23) + "x".repeat(120));
    }

    @Test
    void coloursOnlyTheStatus() {
        assertThat(ReportText.lines(REPORT, new Style(false))).noneMatch(line -> line.contains("\033"));
        List<String> lines = ReportText.lines(REPORT, new Style(true));
        assertThat(lines).element(0).isEqualTo("\033[32mok     \033[0m  one         all is well");
        assertThat(lines).filteredOn(line -> line.contains("\033")).hasSize(3);
    }

    @Test
    void isJson() throws IOException {
        assertThat(new ObjectMapper().readTree(ReportAsJson.write(REPORT)).path("findings"))
                .hasSize(3)
                .first()
                .hasToString("{\"id\":\"one\",\"status\":\"ok\",\"seen\":\"all is well\"}");
    }

    @Test
    void whatIsNotWellHasARemedy() {
        assertThatThrownBy(() -> new Finding("x", Status.ERROR, "bad", Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Finding("x", Status.OK, "good", Optional.of("Do this.")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
