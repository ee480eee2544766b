package dev.spegel.agent.doctor;

import dev.spegel.agent.inspect.StatusReport;
import dev.spegel.agent.inspect.StatusReport.LastRequest;

/** Has containerd asked the agent for anything? What it never asks for it gets elsewhere, and says nothing. */
final class AskedCheck implements Check {
    static final String ID = "asked-by-containerd";

    @Override
    public Finding examine(Evidence evidence) {
        return evidence.agent().judge(AskedCheck::judge, reason -> AgentCheck.unknown(ID));
    }

    private static Finding judge(StatusReport agent) {
        if (agent.containerd().last().isEmpty()) {
            return Finding.warning(
                    ID,
                    "containerd has asked the agent for nothing since that started, %s ago"
                            .formatted(Times.text(agent.uptime())),
                    "Pull an image that isn't here: 'crictl pull docker.io/library/busybox:latest'. If this stays as it is, see"
                            + " %s, %s and %s."
                                    .formatted(ConfigPathCheck.ID, TransferServiceCheck.ID, HostsTomlCheck.ID));
        }
        LastRequest last = agent.containerd().last().get();
        return Finding.ok(
                ID,
                "%d requests, the last %s ago by %s"
                        .formatted(agent.containerd().count(), Times.text(last.ago()), printable(last.client())));
    }

    /** What strangers say mustn't steer the terminal. */
    private static String printable(String text) {
        return text.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
