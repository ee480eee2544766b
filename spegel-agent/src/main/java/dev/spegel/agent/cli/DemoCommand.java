package dev.spegel.agent.cli;

import dev.spegel.agent.cli.Subcommand.FlagGroup;
import dev.spegel.agent.demo.Demo;
import dev.spegel.agent.demo.DemoImage;
import dev.spegel.oci.Quoted;
import dev.spegel.oci.Reference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code spegel demo}. */
final class DemoCommand {
    private static final Logger LOG = LoggerFactory.getLogger(DemoCommand.class);

    private static final Flag IMAGE = Flag.one(
            "--image",
            "PATH",
            "Send this image around: a tar by docker save or skopeo (oci-archive), or an OCI layout directory.");
    private static final Flag NAME =
            Flag.one("--name", "NAME", "Call it so, as in ghcr.io/team/app:1.0. Default: the name that it has there.");
    private static final Flag SIZE = Flag.one("--size", "SIZE", "Without --image: the size of the image that is made.")
            .withDefault("200MiB");
    private static final Flag KEEP = Flag.bool(
            "--keep", "Leave the nodes running until Ctrl-C, and show what to try with curl, skopeo and ctr.");
    private static final Flag OUTPUT =
            Flag.one("--output", "FORMAT", "text or json.").withDefault("text");

    private DemoCommand() {}

    static Subcommand of() {
        return new Subcommand(
                "demo",
                "See an image travel between three nodes, all on this machine.",
                List.of(
                        "",
                        "Starts three agents on loopback, gives one of them an image, and pulls it through the other two. No "
                                + "network, container runtime or root is needed; all files are in a temporary directory, "
                                + "which is deleted at the end."),
                List.of(new FlagGroup("Flags", List.of(SIZE, IMAGE, NAME, KEEP, OUTPUT))),
                List.of("spegel demo", "spegel demo --size 1GiB --keep", "spegel demo --image app.tar --output json"),
                DemoCommand::run);
    }

    private static int run(Settings settings, Surroundings surroundings) throws Exception {
        LogSettings logs = LogSettings.readForPeople(settings);
        Demo demo = read(settings);
        logs.writeTo(surroundings.err());
        StopSignal stop = surroundings.stop();
        Runnable noLonger = stop.interrupting(Thread.currentThread());
        try {
            demo.run(surroundings.out(), surroundings.onTerminal(), surroundings.style(), () -> {
                noLonger.run(); // from here on a signal is the expected end, and cleaning up mustn't be interrupted
                stop.await();
            });
        } catch (IOException | InterruptedException e) {
            if (!stop.isStopped()) {
                throw e;
            }
            LOG.debug("The demo was stopped: {}", e.toString());
            return ExitCode.INTERRUPTED;
        } finally {
            noLonger.run();
        }
        return ExitCode.OK;
    }

    private static Demo read(Settings settings) throws SettingsException {
        Optional<Path> source = settings.optional(IMAGE, DemoCommand::existing);
        Optional<Reference> name = settings.optional(NAME, Reference::parse);
        DemoImage generated = settings.value(SIZE, text -> new DemoImage.Generated(GoSyntax.positiveSizeBytes(text)));
        boolean keep = settings.optional(KEEP, GoSyntax::bool).orElse(false);
        Demo.Format format = settings.value(OUTPUT, DemoCommand::format);
        if (settings.isSet(IMAGE) && settings.isSet(SIZE)) {
            settings.problem(SIZE, "with --image, the image has the size it has");
        }
        if (settings.isSet(NAME) && !settings.isSet(IMAGE)) {
            settings.problem(NAME, "only an image given by --image can be named");
        }
        settings.requireNoProblems();
        DemoImage image =
                source.<DemoImage>map(path -> new DemoImage.Given(path, name)).orElse(generated);
        return new Demo(image, format, keep);
    }

    private static Path existing(String text) {
        try {
            Path path = Path.of(text);
            if (Files.exists(path)) {
                return path;
            }
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("this isn't a path: " + Quoted.of(text), e);
        }
        throw new IllegalArgumentException("there is no " + Quoted.of(text));
    }

    private static Demo.Format format(String text) {
        return switch (text) {
            case "text" -> Demo.Format.TEXT;
            case "json" -> Demo.Format.JSON;
            default -> throw new IllegalArgumentException("an output is text or json, got " + Quoted.of(text));
        };
    }
}
