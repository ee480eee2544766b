package dev.spegel.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The hot inner parts, one by one. */
@Command(
        name = "jmh",
        description = {
            "The hot inner parts, one by one, with JMH: hashing, parsing, choosing a peer, finding the nearest in the routing table. Each in a",
            "fresh JVM."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        usageHelpWidth = 140)
final class JmhCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "PATTERN",
            arity = "0..*",
            description = "Regular expressions; benchmarks whose name contains one are run, or all.")
    private List<String> patterns = new ArrayList<>();

    @Option(names = "--forks", description = "How many JVMs measure the same.")
    private int forks = 1;

    @Option(names = "--iterations", description = "How often each measures, after half as often to warm up.")
    private int iterations = 4;

    @Option(names = "--millis", description = "How long each time.")
    private int millis = 500;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        if (forks < 1 || iterations < 2 || millis < 1) {
            throw new ParameterException(spec.commandLine(), "there is a fork at least, and two iterations");
        }
        System.out.println(Host.describe());
        OptionsBuilder options = new OptionsBuilder();
        patterns.forEach(options::include);
        options.forks(forks)
                .warmupIterations(iterations / 2)
                .warmupTime(TimeValue.milliseconds(millis))
                .measurementIterations(iterations)
                .measurementTime(TimeValue.milliseconds(millis))
                .mode(Mode.AverageTime)
                .timeUnit(TimeUnit.MICROSECONDS)
                .shouldFailOnError(true);
        new Runner(options.build()).run();
        return 0;
    }
}
