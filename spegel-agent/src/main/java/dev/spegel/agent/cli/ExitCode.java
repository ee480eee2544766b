package dev.spegel.agent.cli;

/** The exit codes of all commands. */
final class ExitCode {
    static final int OK = 0;

    /** The command was understood and failed. */
    static final int FAILURE = 1;

    /** The command line, or a setting, is wrong. */
    static final int USAGE = 2;

    /** Stopped by Ctrl-C before it was done: 128 and the number of SIGINT, as shells have it. */
    static final int INTERRUPTED = 130;

    private ExitCode() {}
}
