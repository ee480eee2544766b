package dev.spegel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.spegel.routing.BasicCredentials;
import dev.spegel.routing.RotatingCredentials;
import dev.spegel.testkit.ManualClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BasicAuthWatchTest {
    private static final BasicCredentials OLD = new BasicCredentials("old-user", "old-s3cret");
    private static final BasicCredentials NEW = new BasicCredentials("new-user", "new-s3cret");

    @TempDir
    private Path directory;

    private final LogRecord log = new LogRecord();
    private final ManualClock clock = new ManualClock();
    private final RotatingCredentials credentials = new RotatingCredentials(OLD, Upkeep.GRACE, clock);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private BasicAuthWatch watch;

    @BeforeEach
    void start() throws IOException {
        write(OLD);
        watch = new BasicAuthWatch(
                new Upkeep.BasicAuth(new BasicAuthFiles(directory), credentials), UpkeepMeters.register(meters));
        look(3);
    }

    @AfterEach
    void nothingTellsTheSecret() {
        log.close();
        assertThat(log.lines())
                .allSatisfy(line -> assertThat(line)
                        .doesNotContain(
                                "s3cret",
                                OLD.headerValue().substring(6),
                                NEW.headerValue().substring(6)));
    }

    private void write(BasicCredentials pair) throws IOException {
        Files.writeString(directory.resolve("username"), pair.user());
        Files.writeString(directory.resolve("password"), pair.password());
    }

    private void look(int times) {
        for (int i = 0; i < times; i++) {
            watch.run();
        }
    }

    private double count(String counter) {
        return meters.get(counter).counter().count();
    }

    @Test
    void sameFilesChangeNothing() {
        assertThat(credentials.accepted()).containsExactly(OLD);
        assertThat(count("spegel.basic.auth.rotations")).isZero();
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void anotherPairIsTakenUpOnceItWasReadTwice() throws IOException {
        write(NEW);
        look(1);
        assertThat(credentials.accepted()).containsExactly(OLD);
        look(1);
        assertThat(credentials.accepted()).containsExactly(NEW, OLD);
        clock.advance(Upkeep.GRACE);
        look(1);
        assertThat(credentials.accepted()).containsExactly(NEW);
        assertThat(count("spegel.basic.auth.rotations")).isEqualTo(1);
        assertThat(log.lines(Level.INFO)).hasSize(1);
    }

    @Test
    void aPairCaughtHalfChangedIsNeverTakenUp() throws IOException {
        Files.writeString(directory.resolve("username"), NEW.user());
        look(1);
        Files.writeString(directory.resolve("password"), NEW.password());
        look(2);
        assertThat(credentials.accepted()).containsExactly(NEW, OLD);
    }

    @Test
    void oneThatIsGoneForAMomentBeginsAnew() throws IOException {
        write(NEW);
        look(1);
        Files.delete(directory.resolve("password"));
        look(1);
        write(NEW);
        look(1);
        assertThat(credentials.accepted()).containsExactly(OLD);
        look(1);
        assertThat(credentials.accepted()).containsExactly(NEW, OLD);
    }

    @Test
    void filesThatCanNotBeUsedLeaveTheOldPairAndAreToldOfOnce() throws IOException {
        Files.delete(directory.resolve("username"));
        look(3);
        assertThat(log.lines(Level.WARN)).singleElement().asString().contains("both files, username and password");
        Files.delete(directory.resolve("password"));
        look(3);
        assertThat(log.lines(Level.WARN)).hasSize(2).last().asString().contains("no files username and password");
        write(new BasicCredentials("new-user", "new-s3cret".repeat(1000)));
        look(3);
        assertThat(log.lines(Level.WARN)).hasSize(3).last().asString().contains("more than 1024 bytes");
        assertThat(count("spegel.basic.auth.reload.failures")).isEqualTo(9);
        assertThat(credentials.accepted()).containsExactly(OLD);
    }

    @Test
    void whatIsBadTwiceIsToldOfTwice() throws IOException {
        Files.delete(directory.resolve("username"));
        look(1);
        write(OLD);
        look(1);
        Files.delete(directory.resolve("username"));
        look(1);
        assertThat(log.lines(Level.WARN)).hasSize(2);
    }
}
