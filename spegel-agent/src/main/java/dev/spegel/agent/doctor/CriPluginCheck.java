package dev.spegel.agent.doctor;

import dev.spegel.containerd.ContainerdDetails;
import dev.spegel.containerd.ContainerdPlugin;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Does the plugin run through which kubelet pulls? */
final class CriPluginCheck implements Check {
    static final String ID = "cri-plugin";

    @Override
    public Finding examine(Evidence evidence) {
        return evidence.containerd().judge(CriPluginCheck::judge, reason -> SocketCheck.unknown(ID));
    }

    private static Finding judge(ContainerdDetails details) {
        // The first is what fails by its own settings, in containerd 2; the second then only says so.
        List<ContainerdPlugin> plugins = Stream.of(
                        details.plugin(ContainerdSettings.IMAGES_TYPE, ContainerdSettings.IMAGES_ID),
                        details.plugin("io.containerd.grpc.v1", "cri"))
                .flatMap(Optional::stream)
                .toList();
        Optional<String> failure =
                plugins.stream().flatMap(plugin -> plugin.failure().stream()).findFirst();
        if (failure.isPresent()) {
            return Finding.error(
                    ID,
                    "the CRI plugin didn't start: " + failure.get(),
                    failure.get().contains("config_path")
                            ? "Take the tables registry.mirrors, configs and auths out of containerd's configuration; hosts.toml"
                                    + " does their work. Then restart containerd."
                            : "Mend it in containerd's configuration, and restart containerd; kubelet can't pull until then.");
        }
        return plugins.isEmpty()
                ? Finding.warning(
                        ID,
                        "containerd runs without its CRI plugin, so kubelet can't pull here",
                        "If Kubernetes is to run here, take cri out of disabled_plugins in containerd's configuration, and"
                                + " restart containerd. ctr takes no notice of config_path: it needs --hosts-dir.")
                : Finding.ok(ID, "the CRI plugin runs");
    }
}
