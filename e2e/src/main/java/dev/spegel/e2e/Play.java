package dev.spegel.e2e;

import dev.spegel.lab.ContainerdRelease;
import java.io.Closeable;
import java.nio.file.Path;
import java.util.List;

/** Hosts on which something is shown step by step. The steps build on one another. Closing ends and removes everything but the directory. */
interface Play extends Closeable {
    /** What it is about, in a line. */
    String title();

    List<Step> steps();

    /** Makes the hosts; nothing runs there yet. */
    @FunctionalInterface
    interface Stage {
        /** @param directory empty, and of the real disk: it may get some GiB */
        Play prepare(ContainerdRelease release, Path directory) throws Exception;
    }
}
