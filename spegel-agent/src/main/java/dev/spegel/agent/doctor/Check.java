package dev.spegel.agent.doctor;

/** One question about a node. Has no state. */
interface Check {
    /** Judges what was seen. No I/O; what wasn't seen is unknown, not guessed. */
    Finding examine(Evidence evidence);
}
