package dev.spegel.agent.doctor;

import dev.spegel.agent.inspect.StatusReport;

/** Does the agent run, and is it ready? */
final class AgentCheck implements Check {
    static final String ID = "agent";

    @Override
    public Finding examine(Evidence evidence) {
        return evidence.agent()
                .judge(
                        AgentCheck::judge,
                        reason -> Finding.error(
                                ID,
                                reason,
                                "Start it with 'spegel registry', and see what it logs. If its --metrics-addr is elsewhere, name"
                                        + " that with --agent-addr."));
    }

    private static Finding judge(StatusReport agent) {
        return agent.notReadyBecause()
                .map(reason -> Finding.warning(
                        ID,
                        "agent %s answers, and isn't ready: %s".formatted(agent.version(), reason),
                        "If that lasts, see %s and %s, and what it logs.".formatted(PeersCheck.ID, SocketCheck.ID)))
                .orElseGet(() -> Finding.ok(
                        ID,
                        "agent %s is ready, %s after its start"
                                .formatted(agent.version(), Times.text(agent.uptime()))));
    }

    static Finding unknown(String id) {
        return Finding.unknown(id, "the agent doesn't answer", "See " + ID + ".");
    }
}
