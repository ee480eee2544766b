package dev.spegel.agent.doctor;

import java.nio.file.attribute.FileTime;

/** Has containerd read its configuration since that was changed last? It does so at its start only. */
final class ConfigInForceCheck implements Check {
    static final String ID = "config-in-force";

    @Override
    public Finding examine(Evidence evidence) {
        Fact<FileTime> changed = evidence.config().then(files -> Fact.of(files.lastModified()));
        return changed.judge(
                change -> evidence.socketMade()
                        .judge(
                                start -> judge(change, start),
                                reason -> Finding.unknown(
                                        ID,
                                        "when containerd started can't be told: its socket can't be looked at",
                                        "See " + SocketCheck.ID + ".")),
                reason -> Finding.unknown(ID, reason, ContainerdSettings.unreadableRemedy()));
    }

    private static Finding judge(FileTime change, FileTime start) {
        return change.compareTo(start) <= 0
                ? Finding.ok(ID, "containerd started after its configuration was changed last")
                : Finding.warning(
                        ID,
                        "containerd's configuration was changed after containerd had started",
                        "Restart containerd, or what is said here of the configuration isn't in force.");
    }
}
