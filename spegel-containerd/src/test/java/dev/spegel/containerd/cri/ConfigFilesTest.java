package dev.spegel.containerd.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.containerd.ContainerdVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigFilesTest {
    private static final PullSettings NOTHING = new PullSettings("", List.of(), false, List.of(), false);

    @TempDir
    private Path directory;

    private Path main() {
        return directory.resolve("config.toml");
    }

    private void write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private PullSettings settings(String version) throws IOException {
        return ConfigFiles.read(main()).pullSettings(ContainerdVersion.parse(version));
    }

    @Nested
    class OneFile {
        @Test
        void version1NamesThePluginByItsId() throws IOException {
            write("config.toml", """
                    [plugins.cri.registry]
                    config_path = "/etc/containerd/certs.d"
                    [plugins.cri.containerd]
                    discard_unpacked_layers = true
                    """);
            PullSettings expected = new PullSettings(
                    "/etc/containerd/certs.d", List.of(), true, List.of("discard_unpacked_layers = true"), false);
            assertThat(settings("1.6.20~ds1")).isEqualTo(expected);
            assertThat(settings("2.1.9")).isEqualTo(expected);
            assertThat(settings("unknown")).isEqualTo(expected);
        }

        @Test
        void version2WithTheOldTableMeansTheSameToContainerd2() throws IOException {
            write("config.toml", """
                    version = 2
                    [plugins."io.containerd.grpc.v1.cri"]
                    max_concurrent_downloads = 5
                    [plugins."io.containerd.grpc.v1.cri".registry]
                    config_path = "/a"
                    [plugins."io.containerd.grpc.v1.cri".containerd]
                    disable_snapshot_annotations = false
                    """);
            PullSettings expected = new PullSettings(
                    "/a",
                    List.of(),
                    false,
                    List.of("disable_snapshot_annotations = false", "max_concurrent_downloads = 5"),
                    false);
            assertThat(settings("1.7.24")).isEqualTo(expected);
            assertThat(settings("2.3.4")).isEqualTo(expected);
        }

        @ParameterizedTest
        @ValueSource(ints = {3, 4})
        void laterVersionsHaveTheNewTableOnly(int format) throws IOException {
            write("config.toml", """
                    version = %d
                    [plugins."io.containerd.cri.v1.images"]
                    discard_unpacked_layers = true
                    use_local_image_pull = true
                    image_pull_with_sync_fs = true
                    [plugins."io.containerd.cri.v1.images".registry]
                    config_path = "/new"
                    [plugins."io.containerd.grpc.v1.cri".registry]
                    config_path = "/old"
                    """.formatted(format));
            assertThat(settings("2.1.9+unknown"))
                    .isEqualTo(new PullSettings(
                            "/new",
                            List.of(),
                            true,
                            List.of(
                                    "use_local_image_pull = true",
                                    "discard_unpacked_layers = true",
                                    "image_pull_with_sync_fs = true"),
                            false));
        }

        @Test
        void theOlderWayToConfigureRegistriesIsSeen() throws IOException {
            write("config.toml", """
                    version = 2
                    [plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]
                    endpoint = ["https://mirror.example"]
                    [plugins."io.containerd.grpc.v1.cri".registry.configs]
                    """);
            assertThat(settings("1.6.20").otherRegistryTables()).containsExactly("mirrors");
            assertThat(settings("2.1.0").localPullReasons()).containsExactly("registry.mirrors");
        }

        @ParameterizedTest
        @CsvSource({
            "1, cri, true",
            "2, io.containerd.grpc.v1.cri, true",
            "2, cri, false",
            "3, io.containerd.cri.v1.images, true",
            "3, io.containerd.nri.v1.nri, false",
        })
        void aDisabledPluginIsSeen(int format, String plugin, boolean disabled) throws IOException {
            write("config.toml", "version = %d%ndisabled_plugins = [\"%s\"]".formatted(format, plugin));
            assertThat(settings("2.1.9").disabled()).isEqualTo(disabled);
        }

        @Test
        void anEmptyOneSaysNothing() throws IOException {
            write("config.toml", "");
            assertThat(settings("1.6.20")).isEqualTo(NOTHING);
            assertThat(settings("2.2.7")).isEqualTo(NOTHING);
            assertThat(settings("")).isEqualTo(NOTHING);
        }

        @Test
        void whatIsReadDifferentlyIsUncertainWithoutTheVersion() throws IOException {
            write(
                    "config.toml",
                    "version = 3\n[plugins.\"io.containerd.cri.v1.images\".registry]\nconfig_path = \"/a\"");
            assertThatThrownBy(() -> settings("a build"))
                    .isInstanceOf(ConfigFileException.class)
                    .hasMessageContaining("depends on containerd's version");
        }
    }

    @Nested
    class Imports {
        private static final String OLD =
                "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\nconfig_path = \"%s\"\n";

        @Test
        void laterOnesWin() throws IOException {
            write("config.toml", "imports = [\"conf.d/*.toml\", \"last.toml\"]\n" + OLD.formatted("/a"));
            write("last.toml", "");
            write("conf.d/2.toml", OLD.formatted("/c"));
            write("conf.d/1.toml", OLD.formatted("/b"));
            write("conf.d/3.conf", OLD.formatted("/x"));
            assertThat(settings("1.6.20").configPath()).isEqualTo("/c");
            write("last.toml", "imports = [\"config.toml\", \"conf.d/1.toml\"]\n" + OLD.formatted("/d"));
            assertThat(settings("2.1.9").configPath()).isEqualTo("/d");
            assertThat(ConfigFiles.read(main()).paths())
                    .extracting(path -> directory.relativize(path).toString())
                    .containsExactly("config.toml", "conf.d/1.toml", "conf.d/2.toml", "last.toml");
        }

        @Test
        void containerd1ReplacesATableAndContainerd2Merges() throws IOException {
            write("config.toml", "imports = [\"more.toml\"]\n" + OLD.formatted("/a"));
            write("more.toml", "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\"]\nmax_concurrent_downloads = 5");
            assertThat(settings("1.7.24").configPath()).isEmpty();
            assertThat(settings("2.1.9").configPath()).isEqualTo("/a");
        }

        @Test
        void anEmptyValueOverAnotherIsUncertain() throws IOException {
            write("config.toml", "imports = [\"more.toml\"]\n" + OLD.formatted("/a"));
            write("more.toml", OLD.formatted(""));
            assertThat(settings("1.7.24").configPath()).isEmpty();
            assertThatThrownBy(() -> settings("2.1.9"))
                    .isInstanceOf(ConfigFileException.class)
                    .hasMessageContainingAll("more.toml sets config_path = \"\"", "\"/a\"", "can't be told");
        }

        @Test
        void patternsThatMeanOtherThingsToGoAreUncertain() throws IOException {
            for (String pattern : List.of("conf.d/[^a]*.toml", "*/x.toml")) {
                write("config.toml", "imports = ['%s']".formatted(pattern));
                assertThatThrownBy(() -> ConfigFiles.read(main()))
                        .isInstanceOf(ConfigFileException.class)
                        .hasMessageContaining("it isn't known what containerd makes of");
            }
        }

        @Test
        void aPatternWithoutADirectoryMatchesNothing() throws IOException {
            write("config.toml", "imports = [\"/no/such/*.toml\"]");
            assertThat(settings("1.6.20")).isEqualTo(NOTHING);
        }

        @Test
        void moreThanAHundredAreRefused() throws IOException {
            write("config.toml", "imports = [\"conf.d/*\"]");
            for (int i = 0; i < 99; i++) {
                write("conf.d/" + i, "");
            }
            assertThat(ConfigFiles.read(main()).paths()).hasSize(100);
            write("conf.d/99", "");
            assertThatThrownBy(() -> ConfigFiles.read(main())).hasMessageContaining("imports more than 99 files");
        }
    }

    @Test
    void theLastChangeOfAnyFileCounts() throws IOException {
        write("config.toml", "imports = [\"more.toml\"]");
        write("more.toml", "");
        Files.setLastModifiedTime(main(), FileTime.fromMillis(1_000));
        Files.setLastModifiedTime(directory.resolve("more.toml"), FileTime.fromMillis(2_000));
        assertThat(ConfigFiles.read(main()).lastModified()).isEqualTo(FileTime.fromMillis(2_000));
    }

    @ParameterizedTest
    @CsvSource({"a = b = c, isn't TOML in line 1", "version = 'two', version is a number"})
    void whatIsNoConfigurationIsNamed(String text, String message) throws IOException {
        write("config.toml", text);
        assertThatThrownBy(() -> ConfigFiles.read(main()))
                .isInstanceOf(ConfigFileException.class)
                .hasMessageContaining("config.toml")
                .hasMessageContaining(message);
    }

    @Test
    void aFileThatIsMissingOrTooLongIsNamed() throws IOException {
        assertThatThrownBy(() -> ConfigFiles.read(main())).hasMessage("there is no " + main());
        write("config.toml", "#".repeat((1 << 20) + 1));
        assertThatThrownBy(() -> ConfigFiles.read(main())).hasMessageContaining("at most 1 MiB");
    }
}
