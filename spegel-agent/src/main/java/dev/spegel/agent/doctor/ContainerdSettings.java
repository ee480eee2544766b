package dev.spegel.agent.doctor;

import dev.spegel.containerd.ContainerdPlugin;
import dev.spegel.containerd.ContainerdVersion;
import dev.spegel.containerd.cri.ConfigFileException;
import dev.spegel.containerd.cri.PullSettings;
import java.util.List;
import java.util.Optional;

/**
 * How containerd pulls, from its configuration, and where it says so itself (after 2.4.0-beta.0), from that: then it is what runs, not
 * what is written.
 */
final class ContainerdSettings {
    static final String IMAGES_TYPE = "io.containerd.cri.v1";
    static final String IMAGES_ID = "images";

    /** What stands for an unset {@code config_path} from 2.2 on. */
    static final String DEFAULT_LIST = "/etc/containerd/certs.d:/etc/docker/certs.d";

    private ContainerdSettings() {}

    static Fact<PullSettings> pullSettings(Evidence evidence) {
        return evidence.config().then(files -> {
            try {
                return Fact.of(files.pullSettings(evidence.containerdVersion()));
            } catch (ConfigFileException e) {
                return Fact.unknown(String.valueOf(e.getMessage()));
            }
        });
    }

    static Fact<String> configPath(Evidence evidence) {
        return export(evidence, "RegistryConfigPath")
                .map(Fact::of)
                .orElseGet(() -> pullSettings(evidence).then(settings -> Fact.of(settings.configPath())));
    }

    static Fact<Boolean> discardsLayers(Evidence evidence) {
        return export(evidence, "DiscardUnpackedLayers")
                .map(text -> Fact.of(text.equals("true")))
                .orElseGet(() -> pullSettings(evidence).then(settings -> Fact.of(settings.discardsUnpackedLayers())));
    }

    private static Optional<String> export(Evidence evidence, String name) {
        return evidence.containerd()
                .value()
                .flatMap(details -> details.plugin(IMAGES_TYPE, IMAGES_ID))
                .map(ContainerdPlugin::exports)
                .flatMap(exports -> Optional.ofNullable(exports.get(name)));
    }

    /** Whether an unset {@code config_path} means {@link #DEFAULT_LIST}; unknown if the version is. */
    static Optional<Boolean> hasDefaultList(Evidence evidence) {
        return evidence.containerdVersion().map(version -> version.isAtLeast(2, 2));
    }

    /** Whether the CRI plugin leaves pulls to the transfer service, unless a setting keeps it from that. */
    static Optional<Boolean> hasTransferService(Evidence evidence) {
        return evidence.containerdVersion().map(ContainerdSettings::hasTransferService);
    }

    private static boolean hasTransferService(ContainerdVersion version) {
        return version.isAtLeast(2, 1);
    }

    /** The directories of a {@code config_path}, as who pulls by itself reads it. */
    static List<String> directories(String configPath) {
        return List.of(configPath.split(":"));
    }

    /**
     * A sentence: where to write a line.
     *
     * @param ofRegistry whether it's a setting of registries, or else of layers
     */
    static String remedy(Evidence evidence, boolean ofRegistry, String line) {
        String one = "[plugins.\"io.containerd.grpc.v1.cri\".%s] (version = 2)"
                .formatted(ofRegistry ? "registry" : "containerd");
        String two =
                "[plugins.\"io.containerd.cri.v1.images\"%s] (version = 3)".formatted(ofRegistry ? ".registry" : "");
        String table = evidence.containerdVersion()
                .map(version -> version.isAtLeast(2, 0) ? two : one)
                .orElse(one + ", or with containerd 2 " + two);
        return "Set %s in %s, table %s, and restart containerd."
                .formatted(line, evidence.settings().configFile(), table);
    }

    static String unreadableRemedy() {
        return "If containerd is started with another --config, name that file with --containerd-config; in a pod, mount it."
                + " 'containerd config dump' on the node shows what is in force.";
    }
}
