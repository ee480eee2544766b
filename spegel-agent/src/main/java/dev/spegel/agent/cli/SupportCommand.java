package dev.spegel.agent.cli;

import dev.spegel.agent.cli.Subcommand.FlagGroup;
import dev.spegel.agent.inspect.AgentView;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** {@code spegel support}. */
final class SupportCommand {
    private static final String STANDARD_OUTPUT = "-";

    /** What the agent takes. */
    private static final Duration LONGEST_RECORDING = Duration.ofMinutes(10);

    private static final Flag TO =
            Flag.one("--to", "FILE", "A zip file, made anew, or - for standard output. Required.");
    private static final Flag JFR = Flag.one(
            "--jfr",
            "DURATION",
            "Have the JDK's flight recorder record the agent for so long, 1s to 10m. Without it there is no recording.");

    /** In this order: first what is cheap, while little has happened since the command was typed. */
    private static final List<Part> PARTS = List.of(
            new Part("status.json", agent -> agent.raw("status")),
            new Part("requests.json", agent -> agent.raw("requests")),
            new Part("history.json", agent -> agent.raw("history")),
            new Part("tags.json", agent -> agent.raw("tags")),
            new Part("peers.json", agent -> agent.raw("peers?measure=false")),
            new Part("metrics.txt", AgentView::metrics),
            new Part("threads.txt", agent -> agent.jvmReport("threads")),
            new Part("memory.txt", agent -> agent.jvmReport("memory")),
            new Part("heap.txt", agent -> agent.jvmReport("heap")));

    /** A file of the archive, and where it is from. */
    private record Part(String name, AskedAgent.Question<byte[]> content) {}

    private SupportCommand() {}

    static Subcommand of() {
        return new Subcommand(
                "support",
                "Collect what somebody who isn't there needs to find out what an agent does.",
                List.of(
                        "",
                        "A zip file of what the agent says of itself, its peers and recent requests, its metrics, threads, memory and"
                                + " classes of objects, and, with --jfr, a recording for JDK Mission Control or 'jfr'. No"
                                + " credentials are in it; names of images and addresses of nodes are. An agent obeys its own node"
                                + " only: in a cluster, run this in the agent's container."),
                List.of(new FlagGroup("Flags", List.of(TO, JFR, AskedAgent.AGENT_ADDR))),
                List.of(
                        "spegel support --to support.zip --jfr 60s",
                        "kubectl exec POD -- /opt/spegel/bin/spegel support --to - >support.zip"),
                SupportCommand::run);
    }

    private static int run(Settings settings, Surroundings surroundings) throws Exception {
        LogSettings logs = LogSettings.readForPeople(settings);
        Optional<String> to = settings.optional(TO, SupportCommand::target);
        Optional<Duration> recording = settings.optional(JFR, SupportCommand::recording);
        AskedAgent agent = AskedAgent.read(settings);
        if (!settings.isSet(TO)) {
            settings.problem(TO, "there must be a place for the archive, as support.zip, or - for standard output");
        }
        settings.requireNoProblems();
        logs.writeTo(surroundings.err());
        Interruption.under(surroundings, () -> {
            agent.ask(AgentView::logLevel); // before there is a file: whether there is an agent, and it obeys
            if (to.orElseThrow().equals(STANDARD_OUTPUT)) {
                collect(agent, recording, surroundings.out());
            } else {
                Path file = Path.of(to.orElseThrow());
                collect(agent, recording, file);
                surroundings.out().println("All of it is in %s.".formatted(file));
            }
            return true;
        });
        return ExitCode.OK;
    }

    private static String target(String text) {
        return text.equals(STANDARD_OUTPUT)
                ? text
                : ConfigurationCommand.path(text).toString();
    }

    private static Duration recording(String text) {
        Duration time = GoSyntax.positiveDuration(text);
        if (time.toSeconds() < 1 || time.compareTo(LONGEST_RECORDING) > 0) {
            throw new IllegalArgumentException("a recording takes 1s to 10m, got " + text);
        }
        return time;
    }

    private static void collect(AskedAgent agent, Optional<Duration> recording, Path file)
            throws IOException, InterruptedException {
        OutputStream out;
        try {
            out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            throw new IOException(file + " is there already", e);
        } catch (IOException e) {
            throw new IOException(file + " can't be written", e);
        }
        boolean whole = false;
        try (out) {
            collect(agent, recording, out);
            whole = true;
        } finally {
            if (!whole) {
                Files.delete(file);
            }
        }
    }

    private static void collect(AskedAgent agent, Optional<Duration> recording, OutputStream out)
            throws IOException, InterruptedException {
        ZipOutputStream archive = new ZipOutputStream(new BufferedOutputStream(out));
        for (Part part : PARTS) {
            byte[] content = agent.ask(part.content());
            archive.putNextEntry(new ZipEntry(part.name()));
            archive.write(content);
            archive.closeEntry();
        }
        if (recording.isPresent()) {
            archive.putNextEntry(new ZipEntry("recording.jfr"));
            agent.ask(view -> {
                view.record(recording.get(), archive);
                return true;
            });
            archive.closeEntry();
        }
        archive.finish();
        archive.flush();
    }
}
