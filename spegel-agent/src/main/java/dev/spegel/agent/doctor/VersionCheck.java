package dev.spegel.agent.doctor;

import dev.spegel.containerd.ContainerdVersion;
import java.util.Optional;

/** Is this a containerd that we can work with? */
final class VersionCheck implements Check {
    static final String ID = "containerd-version";

    @Override
    public Finding examine(Evidence evidence) {
        return evidence.containerd().judge(details -> judge(details.version()), reason -> SocketCheck.unknown(ID));
    }

    private static Finding judge(String text) {
        Optional<ContainerdVersion> version = ContainerdVersion.parse(text);
        if (version.isEmpty()) {
            return Finding.unknown(
                    ID,
                    "containerd calls its version \"%s\", which names no release".formatted(text),
                    "Find out which release it was built from; 1.6 and later work.");
        }
        return version.get().isAtLeast(1, 6)
                ? Finding.ok(ID, "containerd " + text)
                : Finding.error(
                        ID,
                        "containerd %s is older than 1.6".formatted(text),
                        "Upgrade containerd; 1.6 and later work.");
    }
}
