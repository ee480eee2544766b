package dev.spegel.agent.doctor;

import java.util.List;

/** Can each tag be served that others are told of, and are they told of all? */
final class AdvertisedTagsCheck implements Check {
    static final String ID = "advertised-tags";

    private static final String REACH =
            "Run this on the node itself, where its registry can be reached; see whether that is slow.";

    private static final int SHOWN = 3;

    @Override
    public Finding examine(Evidence evidence) {
        return evidence.agent()
                .judge(
                        agent -> evidence.tags()
                                .judge(
                                        AdvertisedTagsCheck::judge,
                                        reason -> Finding.unknown(
                                                ID, reason, agent.tls() ? REACH + " " + HostsTomlCheck.TLS : REACH)),
                        reason -> AgentCheck.unknown(ID));
    }

    private static Finding judge(TagAudit tags) {
        String checked = tags.checked() == tags.advertised()
                ? "all %d".formatted(tags.advertised())
                : "%d of %d".formatted(tags.checked(), tags.advertised());
        if (!tags.broken().isEmpty()) {
            return Finding.error(
                    ID,
                    "%s advertised tags were asked for, and %d can't be served: %s"
                            .formatted(checked, tags.broken().size(), first(tags.broken())),
                    "Try again in a minute: what has just been deleted is withdrawn by then. Otherwise look for errors of the disk,"
                            + " pull these images anew, and report it with the agent's log.");
        }
        String well = tags.advertised() == 0
                ? "no tag is advertised"
                : "%s advertised tags were asked for, and can be served".formatted(checked);
        if (!tags.heldBack().isEmpty()) {
            return Finding.warning(
                    ID,
                    "%s; %d held back: %s".formatted(well, tags.heldBack().size(), first(tags.heldBack())),
                    "Other nodes don't get these images by tag from here. If they should, fetch what is missing: 'ctr -n k8s.io"
                            + " content fetch IMAGE' also gets layers that are unpacked already.");
        }
        return Finding.ok(ID, tags.advertised() == 0 ? well + ": there is no image here that could be shared" : well);
    }

    private static String first(List<String> tags) {
        return String.join("; ", tags.subList(0, Math.min(SHOWN, tags.size()))) + (tags.size() > SHOWN ? "; …" : "");
    }
}
