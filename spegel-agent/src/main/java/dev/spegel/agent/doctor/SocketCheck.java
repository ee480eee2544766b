package dev.spegel.agent.doctor;

/** Is containerd's socket reachable? */
final class SocketCheck implements Check {
    static final String ID = "containerd-socket";

    @Override
    public Finding examine(Evidence evidence) {
        return evidence.containerd()
                .judge(
                        details -> Finding.ok(
                                ID,
                                "containerd answers at " + evidence.settings().socket()),
                        reason -> Finding.error(
                                ID,
                                reason,
                                "Start containerd. If its socket is elsewhere, name it with --containerd-sock, here and for"
                                        + " 'spegel registry'; with k3s and RKE2 it is /run/k3s/containerd/containerd.sock."
                                        + " In a pod, mount its directory. Reading it takes root."));
    }

    /** What there is to say of anything that only containerd could tell. */
    static Finding unknown(String id) {
        return Finding.unknown(id, "containerd can't be asked", "See " + ID + ".");
    }
}
