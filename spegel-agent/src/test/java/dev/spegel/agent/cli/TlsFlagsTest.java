package dev.spegel.agent.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.agent.AgentConfig;
import dev.spegel.agent.TlsConfig;
import dev.spegel.routing.tls.TlsFiles;
import dev.spegel.testkit.TestAuthority;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The flags {@code --tls-…} of {@code registry} and {@code configuration}. */
class TlsFlagsTest {
    @TempDir
    private Path directory;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<AgentConfig> read = new ArrayList<>();
    private TlsFiles good;

    /** {@code tls}, {@code other} and {@code expired}, each of {@code ca.crt}, {@code tls.crt} and {@code tls.key}. */
    @BeforeEach
    void issue() throws Exception {
        TestAuthority authority = new TestAuthority("cluster");
        good = authority.issue(directory.resolve("tls"));
        authority.issue(directory.resolve("other"));
        authority.issue(directory.resolve("expired"), "127.0.0.1", Instant.now().minusSeconds(60));
        Files.writeString(directory.resolve("text"), "no PEM");
    }

    /** Runs {@code registry} up to where the agent would start, or another command. */
    private int run(String command, String flags) {
        Subcommand registry = RegistryCommand.of();
        Subcommand reader =
                new Subcommand("registry", "", List.of(), registry.groups(), List.of(), (settings, context) -> {
                    read.add(RegistrySettings.read(settings, context.basicAuthDirectory()));
                    return ExitCode.OK;
                });
        PrintStream stream = new PrintStream(err, true, UTF_8);
        Surroundings surroundings =
                new Surroundings(Map.of(), stream, stream, false, directory.resolve("secrets"), new StopSignal());
        String[] line = Stream.concat(
                        Stream.of(command),
                        Stream.of(flags.replace("$", directory + "/").split(" ")))
                .toArray(String[]::new);
        return new CommandShell(List.of(reader, ConfigurationCommand.of()), surroundings).run(line);
    }

    private int registry(String flags) {
        return run(
                "registry",
                "--store=oci-layout --oci-layout-path=$ --router=static --static-router-peers=peer.example:5000 "
                        + flags);
    }

    @Test
    void turnIntoWhatTheAgentIsTold() {
        assertThat(registry("--tls-cert=$tls/tls.crt --tls-key=$tls/tls.key --tls-ca=$tls/ca.crt"
                        + " --tls-client-auth=require --tls-peer-name=spegel.test"))
                .isEqualTo(ExitCode.OK);
        assertThat(read.get(0).tls()).contains(new TlsConfig(good, Optional.of("spegel.test"), true));
    }

    @Test
    void withoutThemThereIsNone() {
        assertThat(registry("")).isEqualTo(ExitCode.OK);
        assertThat(read.get(0).tls()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --tls-ca=$tls/ca.crt                                       | --tls-ca: it only concerns TLS
                    --tls-cert=$tls/tls.crt                                    | --tls-key: --tls-cert needs the certificate's key
                    --tls-cert=$none --tls-key=$tls/tls.key                    | there is no readable file
                    --tls-cert=$text --tls-key=$tls/tls.key                    | no certificate in the certificate's file
                    --tls-cert=$tls/tls.crt --tls-key=$other/tls.key           | the key isn't that of the certificate
                    --tls-cert=$expired/tls.crt --tls-key=$expired/tls.key     | the certificate is valid from
                    --tls-cert=$tls/tls.crt --tls-key=$tls/tls.key --tls-client-auth=require | --tls-ca: --tls-client-auth require needs
                    --tls-cert=$tls/tls.crt --tls-key=$tls/tls.key --tls-client-auth=maybe   | none or require is expected
                    --tls-cert=$tls/tls.crt --tls-key=$tls/tls.key --tls-peer-name=*.test    | a DNS name without wildcards
                    """)
    void areRefusedWhereTheyMakeNoSense(String flags, String message) {
        assertThat(registry(flags)).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString(UTF_8)).contains(message);
        assertThat(read).isEmpty();
    }

    @Test
    void haveContainerdShowACertificate() throws Exception {
        assertThat(run(
                        "configuration",
                        "--containerd-registry-config-path=$certs.d --mirror-targets=https://10.0.0.1:30020"
                                + " --tls-ca=$tls/ca.crt --tls-cert=$tls/tls.crt --tls-key=$tls/tls.key"))
                .isEqualTo(ExitCode.OK);
        assertThat(directory.resolve("certs.d/_default/hosts.toml"))
                .content()
                .contains("ca = \"../_spegel-tls/ca.crt\"", "client = \"../_spegel-tls/client.pem\"");
        assertThat(directory.resolve("certs.d/_spegel-tls/client.pem"))
                .content()
                .isEqualTo(Files.readString(good.certificate().orElseThrow())
                        + Files.readString(good.key().orElseThrow()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --mirror-targets=http://10.0.0.1:30020 --tls-ca=$tls/ca.crt    | for mirror targets with https
                    --mirror-targets=https://10.0.0.1:30020 --tls-cert=$tls/tls.crt | go together
                    --mirror-targets=https://10.0.0.1:30020 --tls-ca=$text         | no PEM file
                    --mirror-targets=https://10.0.0.1:30020 --tls-ca=$none         | there is no readable file
                    """)
    void areRefusedForContainerdToo(String flags, String message) {
        assertThat(run("configuration", "--containerd-registry-config-path=$certs.d " + flags))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err.toString(UTF_8)).contains(message);
        assertThat(directory.resolve("certs.d")).doesNotExist();
    }
}
