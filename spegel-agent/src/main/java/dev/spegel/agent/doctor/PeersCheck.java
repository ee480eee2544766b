package dev.spegel.agent.doctor;

import dev.spegel.agent.inspect.PeersReport;

/** Does the agent know other nodes? */
final class PeersCheck implements Check {
    static final String ID = "peers";

    @Override
    public Finding examine(Evidence evidence) {
        return evidence.peers().judge(PeersCheck::judge, reason -> AgentCheck.unknown(ID));
    }

    private static Finding judge(PeersReport peers) {
        return peers.known() == 0
                ? Finding.error(
                        ID,
                        "the agent knows no other node, so nothing comes from the mirror that isn't here already",
                        "If there are others: check the --bootstrap-kind and its flags, that the port of --router-addr is open"
                                + " between nodes, and what the agent logs.")
                : Finding.ok(
                        ID, peers.known() == 1 ? "1 other node is known" : peers.known() + " other nodes are known");
    }
}
