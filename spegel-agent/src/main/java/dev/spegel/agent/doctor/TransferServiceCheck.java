package dev.spegel.agent.doctor;

import dev.spegel.containerd.cri.PullSettings;
import java.util.Optional;

/** Does containerd's transfer service pass the mirror by? It takes {@code config_path} for one directory, and says nothing. */
final class TransferServiceCheck implements Check {
    static final String ID = "transfer-service";

    @Override
    public Finding examine(Evidence evidence) {
        Optional<Boolean> transfers = ContainerdSettings.hasTransferService(evidence);
        if (transfers.isEmpty()) {
            return Finding.unknown(
                    ID,
                    "whether containerd pulls through its transfer service depends on its version, which isn't known",
                    "See %s and %s.".formatted(SocketCheck.ID, VersionCheck.ID));
        }
        if (!transfers.get()) {
            return Finding.ok(ID, "this containerd's CRI plugin pulls by itself");
        }
        Fact<String> configPath = ContainerdSettings.configPath(evidence);
        if (configPath.value().filter(TransferServiceCheck::isOneDirectory).isPresent()) {
            return Finding.ok(ID, "config_path is one directory, which whoever pulls reads");
        }
        return ContainerdSettings.pullSettings(evidence)
                .judge(
                        settings -> judge(settings, evidence),
                        reason -> Finding.unknown(ID, reason, ContainerdSettings.unreadableRemedy()));
    }

    private static boolean isOneDirectory(String configPath) {
        return !configPath.isEmpty()
                && ContainerdSettings.directories(configPath).size() == 1;
    }

    private static Finding judge(PullSettings settings, Evidence evidence) {
        if (!settings.localPullReasons().isEmpty()) {
            return Finding.ok(
                    ID, "the CRI plugin pulls by itself, because of " + String.join(", ", settings.localPullReasons()));
        }
        boolean unset = settings.configPath().isEmpty();
        if (unset && !ContainerdSettings.hasDefaultList(evidence).orElse(false)) {
            return Finding.ok(ID, "config_path isn't set, so no mirror is asked, whoever pulls");
        }
        return Finding.error(
                ID,
                "containerd pulls through its transfer service, which takes %s for one directory and goes past the mirror"
                        .formatted(unset ? ContainerdSettings.DEFAULT_LIST : settings.configPath()),
                "Make config_path one directory (see %s); or else %s."
                        .formatted(
                                ConfigPathCheck.ID,
                                "set use_local_image_pull = true in the table [plugins.\"io.containerd.cri.v1.images\"], and"
                                        + " restart containerd"));
    }
}
