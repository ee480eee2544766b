package dev.spegel.containerd;

import dev.spegel.oci.Digest;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Opens a store, prints what it says of itself, and reads one content. */
final class StatusPrinter {
    private StatusPrinter() {}

    /** @param args socket and digest */
    public static void main(String[] args) throws Exception {
        ExecutorService tasks = Executors.newCachedThreadPool();
        try (ContainerdStore store =
                ContainerdStore.open(ContainerdConfig.DEFAULTS.withSocket(Path.of(args[0])), tasks)) {
            while (!store.status().ready()) {
                Thread.onSpinWait();
            }
            System.out.println(store.status());
            try (InputStream in =
                    Channels.newInputStream(store.open(Digest.parse(args[1])).orElseThrow())) {
                System.out.println("read " + in.readAllBytes().length);
            }
        } finally {
            tasks.shutdownNow();
        }
    }
}
