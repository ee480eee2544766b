package dev.spegel.agent.doctor;

import java.util.List;

/** Can each tag be served that others are told of? */
final class AdvertisedTagsCheck implements Check {
    static final String ID = "advertised-tags";

    private static final int SHOWN = 3;

    @Override
    public Finding examine(Evidence evidence) {
        return evidence.agent()
                .judge(
                        agent -> evidence.tags()
                                .judge(
                                        AdvertisedTagsCheck::judge,
                                        reason -> Finding.unknown(
                                                ID,
                                                reason,
                                                "Run this on the node itself, where its registry can be reached; see whether that"
                                                        + " is slow.")),
                        reason -> AgentCheck.unknown(ID));
    }

    private static Finding judge(TagAudit tags) {
        if (tags.advertised() == 0) {
            return Finding.ok(ID, "no tag is advertised: there is no image here that could be shared");
        }
        String checked = tags.checked() == tags.advertised()
                ? "all %d".formatted(tags.advertised())
                : "%d of %d".formatted(tags.checked(), tags.advertised());
        List<String> broken = tags.broken();
        if (broken.isEmpty()) {
            return Finding.ok(ID, "%s advertised tags were asked for, and can be served".formatted(checked));
        }
        return Finding.error(
                ID,
                "%s advertised tags were asked for, and %d can't be served: %s%s"
                        .formatted(
                                checked,
                                broken.size(),
                                String.join("; ", broken.subList(0, Math.min(SHOWN, broken.size()))),
                                broken.size() > SHOWN ? "; …" : ""),
                "Try again in a minute: what has just been deleted is withdrawn by then. Otherwise look for errors of the disk,"
                        + " pull these images anew, and report it with the agent's log.");
    }
}
