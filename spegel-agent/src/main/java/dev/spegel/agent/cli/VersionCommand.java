package dev.spegel.agent.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spegel.agent.BuildInfo;
import dev.spegel.oci.Quoted;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code spegel version}. */
final class VersionCommand {
    private static final Flag FORMAT =
            Flag.one("--format", "FORMAT", "The same as --output, as the Go implementation calls it.");

    private VersionCommand() {}

    static Subcommand of() {
        return new Subcommand(
                "version",
                "Print the version, the commit it was built from, and the Java that runs it.",
                List.of(),
                List.of(new Subcommand.FlagGroup("Flags", List.of(ViewFlags.OUTPUT, FORMAT))),
                List.of("spegel version", "spegel version --output json"),
                VersionCommand::run);
    }

    private static int run(Settings settings, Surroundings surroundings) throws SettingsException, IOException {
        boolean output = settings.value(ViewFlags.OUTPUT, ViewFlags::isJson);
        boolean json = settings.optional(FORMAT, VersionCommand::isJson).orElse(output);
        if (settings.isSet(FORMAT) && settings.isSet(ViewFlags.OUTPUT) && json != output) {
            settings.problem(FORMAT, "it says something else than --output");
        }
        LogSettings.read(settings);
        settings.requireNoProblems();
        Map<String, String> facts = new LinkedHashMap<>();
        BuildInfo build = BuildInfo.load();
        facts.put("version", build.version());
        facts.put("commit", build.commit());
        facts.put("java", Runtime.version().toString());
        if (json) {
            surroundings.out().println(new ObjectMapper().writeValueAsString(facts));
        } else {
            facts.forEach((name, value) -> surroundings.out().printf("%-8s %s%n", name, value));
        }
        return ExitCode.OK;
    }

    private static boolean isJson(String text) {
        return switch (text) {
            case "json" -> true;
            case "text" -> false;
            default -> throw new IllegalArgumentException("a format is text or json, got " + Quoted.of(text));
        };
    }
}
