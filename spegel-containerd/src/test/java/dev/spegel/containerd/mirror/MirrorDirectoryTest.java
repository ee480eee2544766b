package dev.spegel.containerd.mirror;

import static dev.spegel.containerd.mirror.HostsTomlCase.OURS;
import static dev.spegel.containerd.mirror.HostsTomlCase.corporateNode;
import static dev.spegel.containerd.mirror.HostsTomlCase.mirrors;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class MirrorDirectoryTest {
    private static final String COMMENT = """
            # Written by "spegel configuration".
            # What was here before is in _backup; "spegel cleanup" puts it back.
            """;

    @TempDir
    private Path temporary;

    private Path root;
    private MirrorDirectory directory;

    @BeforeEach
    void inANewDirectory() {
        root = temporary.resolve("certs.d");
        directory = MirrorDirectory.at(root);
    }

    /** What is there but for the backup and the comments. */
    private SortedMap<String, String> live() throws IOException {
        SortedMap<String, String> live = Trees.without(MirrorDirectory.BACKUP, Trees.read(root));
        live.replaceAll((path, text) -> text.replace(COMMENT, ""));
        return live;
    }

    private String mode(String path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve(path)));
    }

    private void assertRefused(String message) throws IOException {
        SortedMap<String, String> before = Trees.read(root);
        assertThatExceptionOfType(MirrorConfigurationException.class)
                .isThrownBy(() -> directory.configure(mirrors("docker.io").withPrependExisting(true)))
                .withMessageContaining(message);
        assertThat(Trees.read(root)).as("nothing was touched").isEqualTo(before);
    }

    @Nested
    class Configuring {
        private static final String CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
        private static final String KEY = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n";

        private MirrorConfiguration encrypted(String... targets) {
            return MirrorConfiguration.of(
                            List.of(MirroredRegistry.parse("docker.io")),
                            Stream.of(targets).map(MirrorTarget::parse).toList())
                    .withTls(new MirrorTls(Optional.of(CERTIFICATE), Optional.of(CERTIFICATE + KEY)));
        }

        @Test
        void namesFilesForMirrorsWithTlsOnly() throws IOException {
            directory.configure(encrypted("https://10.0.0.1:5000", "http://10.0.0.2:5000"));
            assertThat(live())
                    .containsEntry("_spegel-tls/ca.crt", CERTIFICATE)
                    .containsEntry("_spegel-tls/client.pem", CERTIFICATE + KEY)
                    .containsEntry("docker.io/hosts.toml", """
                            server = "https://registry-1.docker.io"

                            [host."https://10.0.0.1:5000"]
                            capabilities = ["pull", "resolve"]
                            dial_timeout = "200ms"
                            ca = "../_spegel-tls/ca.crt"
                            client = "../_spegel-tls/client.pem"

                            [host."http://10.0.0.2:5000"]
                            capabilities = ["pull", "resolve"]
                            dial_timeout = "200ms"
                            """);
            assertThat(mode("_spegel-tls/client.pem")).isEqualTo("rw-------");
            assertThat(directory
                            .configure(encrypted("https://10.0.0.1:5000", "http://10.0.0.2:5000"))
                            .isEmpty())
                    .as("a second time")
                    .isTrue();
        }

        @Test
        void takesTheFilesAwayWithTheMirrors() throws IOException {
            directory.configure(encrypted("https://10.0.0.1:5000"));
            directory.configure(mirrors("docker.io"));
            assertThat(root.resolve("_spegel-tls")).doesNotExist();
            directory.configure(encrypted("https://10.0.0.1:5000"));
            directory.restore();
            assertThat(Trees.read(root)).isEmpty();
        }

        @ParameterizedTest
        @MethodSource("dev.spegel.containerd.mirror.HostsTomlCase#all")
        void writesWhatContainerdShallRead(HostsTomlCase hosts) throws IOException {
            Trees.write(root, hosts.before());
            directory.configure(hosts.mirrors());
            assertThat(live()).isEqualTo(new TreeMap<>(hosts.after()));
            assertThat(Trees.read(root.resolve("_backup"))).isEqualTo(new TreeMap<>(hosts.before()));
            assertThat(Trees.read(root).entrySet())
                    .filteredOn(entry -> entry.getKey().endsWith("hosts.toml")
                            && !entry.getKey().startsWith("_backup/")
                            && !entry.getValue().equals(hosts.before().get(entry.getKey())))
                    .allSatisfy(entry -> assertThat(entry.getValue()).startsWith(COMMENT));
        }

        @ParameterizedTest
        @MethodSource("dev.spegel.containerd.mirror.HostsTomlCase#all")
        void onceMoreChangesNothing(HostsTomlCase hosts) throws IOException {
            Trees.write(root, hosts.before());
            directory.configure(hosts.mirrors());
            SortedMap<String, String> once = Trees.read(root);
            assertThat(MirrorDirectory.on(root, new CrashingDisk(1, false))
                            .configure(hosts.mirrors())
                            .isEmpty())
                    .isTrue();
            assertThat(Trees.read(root)).isEqualTo(once);
        }

        @Test
        void saysWhatItChanged() throws IOException {
            Trees.write(root, Map.of("a.example/hosts.toml", "server = 'https://a'", "b.example/x.crt", ""));
            assertThat(directory.configure(mirrors("a.example", "c.example")))
                    .isEqualTo(new Changes(
                            List.of("a.example", "b.example"),
                            List.of("a.example", "c.example"),
                            List.of("b.example")));
        }

        @Test
        void backsUpOnlyOnce() throws IOException {
            Trees.write(root, Map.of("a.example/hosts.toml", "server = 'https://a'"));
            directory.configure(mirrors("a.example"));
            directory.configure(mirrors("b.example"));
            assertThat(Trees.read(root.resolve("_backup")))
                    .containsExactly(Map.entry("a.example/hosts.toml", "server = 'https://a'"));
            assertThat(live()).containsOnlyKeys("b.example/hosts.toml");
        }

        @Test
        void whatOthersAddLaterGoesToTheBackupToo() throws IOException {
            directory.configure(mirrors("*"));
            Trees.write(root, Map.of("a.example/hosts.toml", "server = 'https://a'"));
            directory.configure(mirrors("*"));
            assertThat(live()).containsOnlyKeys("_default/hosts.toml");
            directory.restore();
            assertThat(Trees.read(root)).containsExactly(Map.entry("a.example/hosts.toml", "server = 'https://a'"));
        }

        @Test
        void goesOnWhereTheGoImplementationStopped() throws IOException {
            String theirs = "server = 'https://%s'\n\n[host.'http://10.0.0.1:30020']\n"
                    + "capabilities = ['pull', 'resolve']\ndial_timeout = '200ms'";
            Trees.write(
                    root,
                    Map.of(
                            "_backup/old.example/hosts.toml",
                            "server = 'https://old'",
                            "a.example/hosts.toml",
                            theirs.formatted("a.example"),
                            "b.example/hosts.toml",
                            theirs.formatted("b.example")));
            directory.configure(mirrors("a.example").withPrependExisting(true));
            assertThat(live())
                    .isEqualTo(new TreeMap<>(Map.of(
                            "a.example/hosts.toml",
                            "server = \"https://a.example\"\n" + OURS,
                            "old.example/hosts.toml",
                            "server = 'https://old'")));
            directory.restore();
            assertThat(Trees.read(root)).containsExactly(Map.entry("old.example/hosts.toml", "server = 'https://old'"));
        }

        @Test
        void aCertificateThatWasRenewedMeanwhileStays() throws IOException {
            Trees.write(root, corporateNode());
            directory.configure(mirrors("docker.io").withPrependExisting(true));
            Files.writeString(root.resolve("docker.io/client.cert"), "renewed");
            directory.configure(mirrors("docker.io", "ghcr.io").withPrependExisting(true));
            assertThat(live()).containsEntry("docker.io/client.cert", "renewed");
            directory.restore();
            Map<String, String> expected = new TreeMap<>(corporateNode());
            expected.put("docker.io/client.cert", "renewed");
            assertThat(Trees.read(root)).isEqualTo(expected);
        }

        @Test
        void credentialsAreForTheOwnerOnly() throws IOException {
            directory.configure(mirrors("*").withAuthorization("Basic eA=="));
            assertThat(mode("_default")).isEqualTo("rwxr-xr-x");
            assertThat(mode("_default/hosts.toml")).isEqualTo("rw-------");
            directory.configure(mirrors("*"));
            assertThat(mode("_default/hosts.toml")).isEqualTo("rw-r--r--");
        }

        @Test
        void aFileKeepsItsMode() throws IOException {
            Trees.write(root, Map.of("docker.io/hosts.toml", "server = 'https://a'", "docker.io/x.key", "K"));
            Files.setPosixFilePermissions(
                    root.resolve("docker.io/hosts.toml"), PosixFilePermissions.fromString("rw-r-----"));
            Files.setPosixFilePermissions(
                    root.resolve("docker.io/x.key"), PosixFilePermissions.fromString("r--------"));
            directory.configure(mirrors("docker.io").withPrependExisting(true));
            assertThat(mode("docker.io/hosts.toml")).isEqualTo("rw-r-----");
            assertThat(mode("_backup/docker.io/x.key")).isEqualTo("r--------");
        }

        @Test
        void worksThroughALinkToTheDirectory() throws IOException {
            Files.createDirectory(root);
            Path link = Files.createSymbolicLink(temporary.resolve("link"), root);
            MirrorDirectory.at(link).configure(mirrors("*"));
            assertThat(live()).containsOnlyKeys("_default/hosts.toml");
            assertThat(Files.isSymbolicLink(link)).isTrue();
        }

        @Test
        void aFileThatIsRightIsNotTouched() throws IOException {
            directory.configure(mirrors("a.example"));
            FileTime longAgo = FileTime.from(Instant.EPOCH);
            Files.setLastModifiedTime(root.resolve("a.example/hosts.toml"), longAgo);
            directory.configure(mirrors("a.example", "b.example"));
            assertThat(Files.getLastModifiedTime(root.resolve("a.example/hosts.toml")))
                    .isEqualTo(longAgo);
        }
    }

    @Nested
    class Refusing {
        @ParameterizedTest
        @CsvSource(delimiter = '|', textBlock = """
                server = | line 1 isn't TOML
                [host.'https://x']\\n[host.'https://x'] | line 2 isn't TOML: Table redefined
                host = 3 | host isn't a table
                server = 3 | server of "the registry" is a string, got "3"
                [host.'https://x']\\ncapabilities = ['pul'] | capabilities of "https://x" is a list of pull, resolve, push, referrers, got "[\\"pul\\"]"
                [host.'https://x']\\nca = 1 | ca of "https://x" is a file or a list of files
                [host.'https://x']\\nclient = [['a', 'b', 'c']] | client of "https://x" is a file, or a list
                [host.'https://x']\\nskip_verify = 'yes' | skip_verify of "https://x" is true or false
                [host.'https://x']\\ndial_timeout = 'abc' | dial_timeout of "https://x" is a duration
                [host.'https://x'.header]\\nAuthorization = 5 | header of "https://x" is a table whose values
                """)
        void whatContainerdWouldIgnoreCannotBeKept(String text, String message) throws IOException {
            Trees.write(root, Map.of("docker.io/hosts.toml", text.replace("\\n", "\n")));
            assertRefused(
                    "certs.d/docker.io/hosts.toml: containerd can't use this file: " + message.replace("\\\\", "\\"));
        }

        @Test
        void whatIsBrokenElsewhereDoesNotMatter() throws IOException {
            Trees.write(root, Map.of("quay.io/hosts.toml", "x ="));
            directory.configure(mirrors("docker.io").withPrependExisting(true));
            assertThat(live()).containsEntry("quay.io/hosts.toml", "x =");
        }

        @Test
        void aLinkInThePlaceOfADirectory() throws IOException {
            Trees.write(root, Map.of("docker.io", "-> other", "other/hosts.toml", ""));
            assertRefused("certs.d/docker.io is a symbolic link; a registry's configuration is a directory");
        }

        @Test
        void aFileInThePlaceOfADirectory() throws IOException {
            Trees.write(root, Map.of("docker.io", "what?"));
            assertRefused("certs.d/docker.io is a file; a registry's configuration is a directory");
        }

        @Test
        void aDirectoryInThePlaceOfAFile() throws IOException {
            Trees.write(root, Map.of("docker.io/hosts.toml/x", ""));
            assertRefused("certs.d/docker.io/hosts.toml is a directory, not a file");
        }

        @Test
        void aLinkToNothing() throws IOException {
            Trees.write(root, Map.of("docker.io/hosts.toml", "-> nothing"));
            assertRefused("certs.d/docker.io/hosts.toml is a symbolic link to nothing");
        }

        @Test
        void aPipe() throws Exception {
            Files.createDirectories(root.resolve("x.example"));
            assertThat(new ProcessBuilder(
                                    "mkfifo", root.resolve("x.example/pipe").toString())
                            .start()
                            .waitFor())
                    .isZero();
            assertThatExceptionOfType(MirrorConfigurationException.class)
                    .isThrownBy(() -> directory.configure(mirrors("docker.io")))
                    .withMessageContaining("x.example/pipe is neither a file, a directory nor a symbolic link");
            assertThat(root.toFile().list()).containsExactly("x.example");
        }

        @Test
        void aDirectoryThatIsNotOne() throws IOException {
            Files.writeString(root, "");
            assertThatExceptionOfType(MirrorConfigurationException.class)
                    .isThrownBy(() -> directory.configure(mirrors("docker.io")))
                    .withMessage(root + " is no directory that registries could be configured in");
        }

        @Test
        void aMissingParent() {
            MirrorDirectory lost = MirrorDirectory.at(temporary.resolve("containerd/certs.d"));
            assertThatExceptionOfType(MirrorConfigurationException.class)
                    .isThrownBy(() -> lost.configure(mirrors("docker.io")))
                    .withMessage("there is no directory %s to make certs.d in; is containerd's configuration elsewhere?"
                            .formatted(temporary.resolve("containerd")));
        }

        @Test
        void tooMuchToBackUp() throws IOException {
            Path big = root.resolve("x/big");
            Trees.write(root, Map.of("x/big", ""));
            try (RandomAccessFile file = new RandomAccessFile(big.toFile(), "rw")) {
                file.setLength(ConfigEntries.MAX_TOTAL_BYTES + 1); // takes no room
            }
            assertThatExceptionOfType(MirrorConfigurationException.class)
                    .isThrownBy(() -> directory.configure(mirrors("docker.io")))
                    .withMessageContaining("holds more than 10000 files or 64 MiB: that is no directory of registries");
        }

        /** Nobody, not even root, writes below /proc. */
        @Test
        void aDirectoryThatCannotBeWritten() {
            assertThatExceptionOfType(MirrorConfigurationException.class)
                    .isThrownBy(
                            () -> MirrorDirectory.at(Path.of("/proc/certs.d")).configure(mirrors("docker.io")))
                    .withMessageStartingWith("create directory /proc/certs.d: ");
        }
    }

    @Nested
    class Restoring {
        @ParameterizedTest
        @MethodSource("dev.spegel.containerd.mirror.HostsTomlCase#all")
        void givesWhatWasThere(HostsTomlCase hosts) throws IOException {
            Trees.write(root, hosts.before());
            directory.configure(hosts.mirrors());
            directory.restore();
            assertThat(Trees.read(root)).isEqualTo(new TreeMap<>(hosts.before()));
            assertThat(directory.isConfigured()).isFalse();
        }

        @Test
        void withoutABackupDoesNothing() throws IOException {
            Trees.write(root, corporateNode());
            assertThat(directory.restore().isEmpty()).isTrue();
            assertThat(Trees.read(root)).isEqualTo(new TreeMap<>(corporateNode()));
            assertThat(MirrorDirectory.at(temporary.resolve("none")).restore().isEmpty())
                    .isTrue();
        }

        @Test
        void whatOthersHaveAddedStays() throws IOException {
            directory.configure(mirrors("*"));
            Trees.write(root, Map.of("a.example/hosts.toml", "server = 'https://a'"));
            assertThat(directory.restore().removed()).containsExactly("_default");
            assertThat(Trees.read(root)).containsOnlyKeys("a.example/hosts.toml");
        }

        @Test
        void bringsBackModesAndLinks() throws IOException {
            Trees.write(
                    root,
                    Map.of("docker.io/hosts.toml", "-> real.toml", "docker.io/real.toml", "server = 'https://a'"));
            Files.setPosixFilePermissions(
                    root.resolve("docker.io/real.toml"), PosixFilePermissions.fromString("rw-------"));
            directory.configure(mirrors("*"));
            directory.restore();
            assertThat(Files.isRegularFile(root.resolve("docker.io/hosts.toml"), LinkOption.NOFOLLOW_LINKS))
                    .isFalse();
            assertThat(mode("docker.io/real.toml")).isEqualTo("rw-------");
        }
    }

    @Nested
    class Reading {
        @Test
        void hostsAreThoseOfTheDirectoryThatContainerdTakes() throws IOException {
            Trees.write(root, corporateNode());
            assertThat(directory.hostsOf("foo.bar:5000").orElseThrow())
                    .extracting(RegistryHost::url)
                    .containsExactly("https://m");
            assertThat(directory.hostsOf("any.example").orElseThrow())
                    .extracting(RegistryHost::url)
                    .containsExactly("https://proxy.corp");
            assertThat(directory.hostsOf("empty.example")).contains(List.of());
            assertThat(MirrorDirectory.at(temporary.resolve("none")).hostsOf("docker.io"))
                    .isEmpty();
        }
    }
}
