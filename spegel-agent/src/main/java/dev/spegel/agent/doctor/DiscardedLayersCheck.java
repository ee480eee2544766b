package dev.spegel.agent.doctor;

/** Are layers deleted as soon as they are unpacked, so that there is nothing to share? */
final class DiscardedLayersCheck implements Check {
    static final String ID = "discarded-layers";

    @Override
    public Finding examine(Evidence evidence) {
        return ContainerdSettings.discardsLayers(evidence)
                .judge(
                        discards -> discards ? discarded(evidence) : Finding.ok(ID, "layers are kept"),
                        reason -> Finding.unknown(ID, reason, ContainerdSettings.unreadableRemedy()));
    }

    private static Finding discarded(Evidence evidence) {
        String remedy = ContainerdSettings.remedy(evidence, false, "discard_unpacked_layers = false")
                + " What is there by then stays without its layers until it is deleted and pulled anew.";
        return Finding.error(
                ID,
                "containerd deletes layers once they are unpacked, so this node can't share its images",
                ContainerdSettings.hasTransferService(evidence).orElse(true)
                        ? remedy + " containerd 2.1 and later then pull through their transfer service, which needs"
                                + " config_path to be one directory: see " + TransferServiceCheck.ID + "."
                        : remedy);
    }
}
