package dev.spegel.agent.it;

import static org.assertj.core.api.Assumptions.assumeThat;

/** Which containerd a test is about. */
enum Release {
    /** That of the machine: 1.6 on Debian stable. */
    INSTALLED,
    /** What bin/test unpacks: 2.1 or later. */
    UNSTABLE;

    /** What to start it, or its {@code ctr}, with. */
    String program(String name) {
        return this == INSTALLED ? name : System.getProperty("spegel.containerd.unstable") + "/" + name;
    }

    /** Skips the caller's tests where it isn't there. */
    void assumeUsable() {
        if (this == INSTALLED) {
            Tools.assumeInstalled("containerd", "ctr");
        } else {
            assumeThat(System.getProperty("spegel.containerd.unstable")).isNotNull();
        }
    }
}
