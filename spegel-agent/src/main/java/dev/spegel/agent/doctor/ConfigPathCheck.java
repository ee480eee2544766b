package dev.spegel.agent.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/** Does containerd look where {@code spegel configuration} writes? */
final class ConfigPathCheck implements Check {
    static final String ID = "config-path";

    @Override
    public Finding examine(Evidence evidence) {
        return ContainerdSettings.configPath(evidence)
                .judge(
                        configPath -> judge(configPath, evidence),
                        reason -> Finding.unknown(ID, reason, ContainerdSettings.unreadableRemedy()));
    }

    private static Finding judge(String configPath, Evidence evidence) {
        Path ours = evidence.settings().registryConfigPath();
        String remedy = ContainerdSettings.remedy(evidence, true, "config_path = \"%s\"".formatted(ours));
        if (configPath.isEmpty()) {
            return unset(ours, remedy, evidence);
        }
        List<String> directories = ContainerdSettings.directories(configPath);
        if (directories.size() == 1 && isSame(directories.get(0), ours)) {
            return Finding.ok(ID, "config_path is " + configPath);
        }
        if (directories.stream().noneMatch(directory -> isSame(directory, ours))) {
            return Finding.error(
                    ID,
                    "config_path is %s; containerd never looks into %s".formatted(configPath, ours),
                    directories.size() == 1
                            ? "Name %s with --containerd-registry-config-path, here and for 'spegel configuration'. Or else: %s"
                                    .formatted(configPath, remedy)
                            : remedy);
        }
        return Finding.warning(
                ID,
                "config_path is a list, %s: containerd 2.1 and later take that for one directory, unless they pull by"
                                .formatted(configPath)
                        + " themselves; the first directory that knows a registry hides it in the others",
                remedy);
    }

    private static Finding unset(Path ours, String remedy, Evidence evidence) {
        if (ContainerdSettings.hasDefaultList(evidence).orElse(false)) {
            String seen = "config_path isn't set, which to containerd 2.2 and later means the list "
                    + ContainerdSettings.DEFAULT_LIST;
            boolean listed = ContainerdSettings.directories(ContainerdSettings.DEFAULT_LIST).stream()
                    .anyMatch(directory -> isSame(directory, ours));
            return listed ? Finding.warning(ID, seen, remedy) : Finding.error(ID, seen, remedy);
        }
        return Finding.error(
                ID,
                evidence.containerdVersion().isPresent()
                        ? "config_path isn't set, so containerd asks no mirrors"
                        : "config_path isn't set, so containerd asks no mirrors, or from 2.2 on only those in "
                                + ContainerdSettings.DEFAULT_LIST,
                remedy);
    }

    /** Also if one leads to the other by symbolic links, where that can be seen from here. */
    private static boolean isSame(String directory, Path ours) {
        try {
            Path theirs = Path.of(directory);
            return theirs.normalize().equals(ours.normalize())
                    || (Files.exists(theirs) && Files.exists(ours) && Files.isSameFile(theirs, ours));
        } catch (InvalidPathException | IOException e) {
            return false;
        }
    }
}
