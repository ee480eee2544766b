package dev.spegel.agent.logs;

/** The form of a line. */
public enum LogFormat {
    /** One object, for programs. */
    JSON,
    /** For people. */
    TEXT
}
