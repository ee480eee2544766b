package dev.spegel.agent.cli;

import dev.spegel.agent.cli.Subcommand.FlagGroup;
import dev.spegel.agent.console.Table;
import dev.spegel.agent.pull.Destination;
import dev.spegel.agent.pull.PullReport;
import dev.spegel.agent.pull.PullReportJson;
import dev.spegel.agent.pull.PullReportText;
import dev.spegel.oci.Reference;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code spegel pull}. */
final class PullCommand {
    private static final Flag TO = Flag.one(
            "--to",
            "PATH",
            "A name that ends in .tar is an archive, made anew; any other a directory, an OCI layout that is there, to which the"
                    + " image is added, or a new one. Required.");
    private static final Flag OVERWRITE =
            Flag.bool("--overwrite", "Replace the archive, or what the name means in the layout.");
    private static final Flag PLATFORM = PullFlags.platform("all", " 'this' is the one that this machine would pull.");

    private PullCommand() {}

    static Subcommand of() {
        return new Subcommand(
                "pull",
                "Pull an image through an agent's mirror into an OCI layout or a tar of one.",
                List.of(
                        "",
                        "No registry is asked: this gets an image out of a cluster whose registry is gone, say. Every byte is"
                                + " verified; a pull that fails leaves no half image. The tar is for 'ctr image import', 'skopeo copy"
                                + " oci-archive:…' and 'spegel demo --image'. Exits with 1 if nobody has the image."),
                Optional.of(PullFlags.IMAGE),
                List.of(
                        new FlagGroup(
                                "Flags", List.of(TO, OVERWRITE, PLATFORM, AskedAgent.AGENT_ADDR, ViewFlags.OUTPUT)),
                        RegistryTls.FLAGS),
                List.of(
                        "spegel pull docker.io/library/app:1.0 --to app.tar",
                        "spegel pull app:1.0 --to images/ --platform linux/arm64 --agent-addr 10.0.0.7:9090"),
                PullCommand::run);
    }

    private static int run(Settings settings, Surroundings surroundings) throws Exception {
        LogSettings logs = LogSettings.readForPeople(settings);
        boolean json = settings.value(ViewFlags.OUTPUT, ViewFlags::isJson);
        boolean overwrite = settings.optional(OVERWRITE, GoSyntax::bool).orElse(false);
        PullFlags flags = PullFlags.read(settings, surroundings, PLATFORM);
        Optional<Destination> to =
                settings.optional(TO, text -> Destination.at(ConfigurationCommand.path(text), overwrite));
        if (!settings.isSet(TO)) {
            settings.problem(TO, "there must be a place for the image, as app.tar or a directory");
        }
        settings.requireNoProblems();
        logs.writeTo(surroundings.err());
        Destination destination = to.orElseThrow();
        Reference image = flags.image().orElseThrow();
        boolean progress = surroundings.onTerminal() && !json;
        PullReport report = Interruption.under(surroundings, () -> {
            AskedRegistry registry = flags.registry();
            return destination.fill(image, target -> flags.pull(registry, target, surroundings, progress));
        });
        if (json) {
            Map<String, String> facts = new LinkedHashMap<>();
            facts.put("to", destination.path().toString());
            surroundings.out().println(PullReportJson.write(facts, report));
        } else {
            PullReportText.lines(report, surroundings.style()).forEach(surroundings.out()::println);
            surroundings
                    .out()
                    .println(Table.printable("%s (%s) is in %s."
                            .formatted(report.image(), report.target().digest(), destination)));
        }
        return ExitCode.OK;
    }
}
