package dev.spegel.agent.support;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** What the JVM says of itself when asked, as {@code jcmd} would, which a runtime in a container mostly lacks. */
final class JvmReports {
    private JvmReports() {}

    /** How many objects of which class there are, after a full collection, the most bytes first: as {@code jcmd GC.class_histogram}. */
    static String heap() throws IOException {
        return command("gcClassHistogram");
    }

    /** What each thread does, and deadlocks: as {@code jcmd Thread.print}. */
    static String threads() throws IOException {
        return command("threadPrint", "-l");
    }

    /** What the heap, classes, compiled code and the process have taken. */
    static String memory() throws IOException {
        StringBuilder text = new StringBuilder();
        add(text, "Heap", command("gcHeapInfo"));
        add(text, "Classes", command("vmMetaspace", "basic"));
        add(text, "Compiled code", command("compilerCodecache"));
        add(text, "By part of the JVM", command("vmNativeMemory", "summary"));
        add(text, "Pages of the process", Files.readString(Path.of("/proc/self/smaps_rollup")));
        add(text, "Process", Files.readString(Path.of("/proc/self/status")));
        return text.toString();
    }

    private static void add(StringBuilder text, String heading, String body) {
        text.append("== ").append(heading).append('\n').append(body.strip()).append("\n\n");
    }

    private static String command(String operation, String... arguments) throws IOException {
        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        try {
            Object answer = beans.invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    operation,
                    new Object[] {arguments},
                    new String[] {String[].class.getName()});
            return String.valueOf(answer);
        } catch (JMException e) {
            throw new IOException("this JVM can't be asked for " + operation + ": " + e.getMessage(), e);
        }
    }
}
