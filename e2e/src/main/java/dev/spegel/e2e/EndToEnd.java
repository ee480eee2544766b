package dev.spegel.e2e;

import dev.spegel.lab.ContainerdRelease;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Runs a play for people: {@code bin/spegel-e2e}. */
public final class EndToEnd {
    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int CANNOT = 2;

    private static final String UPGRADE = "--upgrade";
    private static final String AGAINST = "--against=";

    private final Play.Stage stage;
    private final PrintStream out;

    private EndToEnd(Play.Stage stage, PrintStream out) {
        this.stage = stage;
        this.out = out;
    }

    /**
     * Arguments: the launcher of the agent; {@code --upgrade} for the rolling upgrade instead of the main job, with
     * {@code --against=FILE} from the Go implementation and back; then for each further containerd the directory of its programs.
     */
    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Optional<String> lacking = Needs.lacking();
        if (lacking.isPresent()) {
            out.println("spegel-e2e can't run here: it needs " + lacking.get());
            System.exit(CANNOT);
        }
        AgentProgram ours = AgentProgram.ours(Path.of(arguments[0]));
        boolean upgrade = false;
        Optional<AgentProgram> other = Optional.empty();
        List<ContainerdRelease> releases = new ArrayList<>();
        ContainerdRelease.installed().ifPresent(releases::add);
        for (String argument : Arrays.asList(arguments).subList(1, arguments.length)) {
            if (argument.equals(UPGRADE)) {
                upgrade = true;
            } else if (argument.startsWith(AGAINST)) {
                other = Optional.of(AgentProgram.go(Path.of(argument.substring(AGAINST.length()))));
            } else {
                releases.add(ContainerdRelease.in(Path.of(argument)));
            }
        }
        boolean passed = true;
        for (ContainerdRelease release : releases) {
            passed &= run(release, upgrade ? RollingUpgrade.of(ours, other) : Scenario.of(ours), out)
                    .isEmpty();
        }
        System.exit(passed ? OK : FAILED);
    }

    /** Runs all steps until one fails, and returns that one. */
    static Optional<Step.Outcome> run(ContainerdRelease release, Play.Stage stage, PrintStream out) throws Exception {
        return new EndToEnd(stage, out).run(release);
    }

    private Optional<Step.Outcome> run(ContainerdRelease release) throws Exception {
        Path directory = Files.createTempDirectory("spegel-e2e-");
        List<Step.Outcome> outcomes = new ArrayList<>();
        long start = System.nanoTime();
        try (Play play = stage.prepare(release, directory)) {
            out.printf("%n%s%n%n", play.title());
            List<Step> steps = play.steps();
            for (Step step : steps) {
                out.printf("  [%2d/%d] %s ...", outcomes.size() + 1, steps.size(), step.title());
                out.flush();
                Step.Outcome outcome = step.run();
                outcomes.add(outcome);
                out.printf(
                        Locale.ROOT,
                        " %s, %.1f s%n",
                        said(outcome),
                        outcome.took().toMillis() / 1000.0);
                if (outcome.failure().isPresent()) {
                    break;
                }
            }
        }
        table(outcomes, Duration.ofNanos(System.nanoTime() - start));
        Optional<Step.Outcome> failed = outcomes.stream()
                .filter(outcome -> outcome.failure().isPresent())
                .findFirst();
        if (failed.isPresent()) {
            out.printf("What the programs said is in %s%n", directory);
            removeAllBut(
                    directory,
                    file -> Files.isDirectory(file) || file.toString().endsWith(".log"));
        } else {
            removeAllBut(directory, file -> false);
        }
        return failed;
    }

    private static String said(Step.Outcome outcome) {
        return outcome.failure().isPresent() ? "FAILED" : "ok";
    }

    private void table(List<Step.Outcome> outcomes, Duration took) {
        int width = outcomes.stream()
                .mapToInt(outcome -> outcome.step().title().length())
                .max()
                .orElse(0);
        out.println();
        for (Step.Outcome outcome : outcomes) {
            out.printf(
                    Locale.ROOT,
                    "  %-" + width + "s  %-6s %6.1f s  %s%n",
                    outcome.step().title(),
                    said(outcome),
                    outcome.took().toMillis() / 1000.0,
                    outcome.seen());
        }
        out.printf(Locale.ROOT, "%n  %.0f s in all%n%n", took.toMillis() / 1000.0);
    }

    private static void removeAllBut(Path directory, Predicate<Path> kept) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(directory)) {
            files = walk.sorted(Comparator.reverseOrder()).filter(kept.negate()).toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }
}
