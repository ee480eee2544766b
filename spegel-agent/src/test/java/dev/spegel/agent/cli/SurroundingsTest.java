package dev.spegel.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.agent.console.Style;
import dev.spegel.agent.console.Table;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SurroundingsTest {
    private static boolean isColoured(boolean onTerminal, Map<String, String> environment) {
        PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream());
        return new Surroundings(environment, nowhere, nowhere, onTerminal, Path.of("secrets"), new StopSignal())
                .style()
                .coloured();
    }

    @Test
    void coloursAreForTerminalsThatWantThem() {
        assertThat(isColoured(true, Map.of())).isTrue();
        assertThat(isColoured(true, Map.of("NO_COLOR", ""))).isTrue();
        assertThat(isColoured(true, Map.of("NO_COLOR", "0"))).isFalse();
        assertThat(isColoured(true, Map.of("TERM", "dumb"))).isFalse();
        assertThat(isColoured(false, Map.of())).isFalse();
    }

    @Test
    void whatStrangersSendDoesNotSteerTheTerminal() {
        Table table = new Table(1);
        table.row("NAME", "SIZE");
        table.row("a\033[2Jb\r\u202ec", "1");
        assertThat(table.lines()).containsExactly("NAME       SIZE", "a?[2Jb??c     1");
        assertThat(table.lines(new Style(true)).get(0)).isEqualTo("\033[1mNAME       SIZE\033[0m");
        assertThat(table.lines(Style.PLAIN)).isEqualTo(table.lines());
        assertThat(List.of(Table.printable("äö"), Table.printable("a\nb"))).containsExactly("äö", "a?b");
    }
}
