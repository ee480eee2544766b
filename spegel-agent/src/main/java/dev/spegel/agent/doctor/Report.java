package dev.spegel.agent.doctor;

import dev.spegel.agent.doctor.Finding.Status;
import java.util.List;

/** All findings, in the order in which to deal with them. */
public record Report(List<Finding> findings) {
    public Report {
        findings = List.copyOf(findings);
    }

    /** How many findings have this status. */
    public long count(Status status) {
        return findings.stream().filter(finding -> finding.status() == status).count();
    }
}
