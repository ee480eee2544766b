package dev.spegel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.spegel.containerd.mirror.MirrorConfiguration;
import dev.spegel.containerd.mirror.MirrorTarget;
import dev.spegel.containerd.mirror.MirroredRegistry;
import dev.spegel.routing.BasicCredentials;
import dev.spegel.routing.RotatingCredentials;
import dev.spegel.testkit.ManualClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MirrorsInStepTest {
    private static final MirrorConfiguration MIRRORS =
            MirrorConfiguration.of(List.of(MirroredRegistry.ALL), List.of(MirrorTarget.parse("http://10.0.0.7:30020")));

    @TempDir
    private Path directory;

    private final LogRecord log = new LogRecord();
    private final ManualClock clock = new ManualClock();
    private final RotatingCredentials credentials = new RotatingCredentials(pair(0), Upkeep.GRACE, clock);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private Path hosts;
    private MirrorsInStep mirrors;

    private static BasicCredentials pair(int number) {
        return new BasicCredentials("node", "s3cret-" + number);
    }

    @BeforeEach
    void start() {
        hosts = directory.resolve("certs.d/_default/hosts.toml");
        mirrors = inStep(Optional.of(credentials));
    }

    @AfterEach
    void nothingTellsTheSecret() {
        log.close();
        assertThat(log.lines()).allSatisfy(line -> {
            assertThat(line).doesNotContain("s3cret");
            for (int i = 0; i < 6; i++) {
                assertThat(line).doesNotContain(pair(i).headerValue().substring("Basic ".length()));
            }
        });
    }

    private MirrorsInStep inStep(Optional<RotatingCredentials> shown) {
        return new MirrorsInStep(
                new Upkeep.Mirrors(directory.resolve("certs.d"), MIRRORS), shown, UpkeepMeters.register(meters), clock);
    }

    private void assertTold(BasicCredentials pair) {
        assertThat(hosts).content().contains("http://10.0.0.7:30020", pair.headerValue());
    }

    @Test
    void containerdIsToldAtTheStart() {
        mirrors.run();
        assertTold(pair(0));
    }

    @Test
    void otherCredentialsAreToldOnceAllNodesHaveThem() {
        mirrors.run();
        credentials.rotate(pair(1));
        mirrors.run();
        clock.advance(MirrorsInStep.SETTLE.minusNanos(1));
        mirrors.run();
        assertTold(pair(0));
        clock.advance(Duration.ofNanos(1));
        mirrors.run();
        assertTold(pair(1));
        assertThat(credentials.accepted()).contains(pair(0)); // for containerds that are told later
    }

    @Test
    void nothingIsWrittenWhileNothingChanges() throws IOException {
        mirrors.run();
        Files.delete(hosts);
        clock.advance(Duration.ofHours(1));
        mirrors.run();
        assertThat(hosts).doesNotExist(); // whoever deleted it had a reason
    }

    @Test
    void whatContainerdShowsIsAlwaysGood() {
        mirrors.run();
        for (int i = 1; i <= 5; i++) { // quicker than they settle
            credentials.rotate(pair(i));
            mirrors.run();
            assertThat(credentials.accepted()).anySatisfy(this::assertTold);
            clock.advance(Duration.ofMinutes(1));
        }
        clock.advance(MirrorsInStep.SETTLE);
        mirrors.run();
        assertTold(pair(5));
    }

    @Test
    void credentialsWhoseGraceIsOverAreReplacedHoweverOftenTheyChange() {
        mirrors.run();
        for (Duration passed = Duration.ZERO; passed.compareTo(Upkeep.GRACE) <= 0; passed = passed.plusMinutes(3)) {
            credentials.rotate(pair((int) (passed.toMinutes() / 3) % 2 + 1));
            mirrors.run();
            clock.advance(Duration.ofMinutes(3));
        }
        mirrors.run();
        assertThat(credentials.accepted()).anySatisfy(this::assertTold);
    }

    @Test
    void whatFailsIsToldOfOnceAndTriedAgain() throws IOException {
        Path inTheWay = Files.writeString(directory.resolve("certs.d"), "a file");
        for (int i = 0; i < 3; i++) {
            mirrors.run();
        }
        assertThat(log.lines(Level.WARN)).singleElement().asString().contains("certs.d is no directory");
        assertThat(meters.get("spegel.mirror.configuration.failures").counter().count())
                .isEqualTo(3);
        Files.delete(inTheWay);
        mirrors.run();
        assertTold(pair(0));
    }

    @Test
    void withoutCredentialsTheMirrorsAreWrittenAllTheSame() {
        inStep(Optional.empty()).run();
        assertThat(hosts).content().contains("http://10.0.0.7:30020").doesNotContain("Authorization");
    }
}
