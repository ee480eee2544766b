package dev.spegel.containerd;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.store.StoreWatch;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Measures how a store copes with a node that holds very many images. Not a test: filling containerd takes minutes.
 *
 * <p>{@code fill DIRECTORY RELEASE IMAGES} makes a containerd with that many images of ten small layers each, and leaves its state
 * behind; {@code measure DIRECTORY RELEASE} starts it again and prints what following it takes of time, CPU and heap. To be run with
 * the heap that is to suffice.
 */
final class ScaleMeasurement {
    private static final int LAYERS = 10;
    private static final int FILLERS = 16;

    private ScaleMeasurement() {}

    public static void main(String[] args) throws Exception {
        Path directory = Files.createDirectories(Path.of(args[1]));
        try (ContainerdDaemon daemon = ContainerdDaemon.in(directory, ContainerdRelease.valueOf(args[2]))
                .start()) {
            if (args[0].equals("fill")) {
                fill(daemon, Integer.parseInt(args[3]));
            } else {
                measure(daemon);
            }
        }
        System.exit(0);
    }

    private static void fill(ContainerdDaemon daemon, int images) throws Exception {
        ExecutorService fillers = Executors.newFixedThreadPool(FILLERS);
        try (ContainerdFiller filler = new ContainerdFiller(daemon, ContainerdFixture.NAMESPACE)) {
            long start = System.nanoTime();
            List<Future<?>> filled = new ArrayList<>();
            for (int i = 0; i < images; i++) {
                int image = i;
                filled.add(fillers.submit(() -> {
                    fill(filler, image);
                    return null;
                }));
            }
            for (Future<?> one : filled) {
                one.get();
            }
            System.out.printf("filled with %d images in %d s%n", images, (System.nanoTime() - start) / 1_000_000_000);
        } finally {
            fillers.shutdownNow();
        }
    }

    private static void fill(ContainerdFiller filler, int image) throws Exception {
        List<Descriptor> layers = new ArrayList<>();
        for (int i = 0; i < LAYERS; i++) {
            layers.add(put(filler, MediaType.OCI_LAYER_GZIP, "layer %d of image %d".formatted(i, image)));
        }
        Descriptor config = put(
                filler,
                MediaType.OCI_CONFIG,
                "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]},\"author\":\"%d\"}"
                        .formatted(image));
        StringBuilder manifest = new StringBuilder("{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_MANIFEST
                + "\",\"config\":" + json(config) + ",\"layers\":[");
        for (int i = 0; i < layers.size(); i++) {
            manifest.append(i == 0 ? "" : ",").append(json(layers.get(i)));
        }
        Descriptor target =
                put(filler, MediaType.OCI_MANIFEST, manifest.append("]}").toString());
        String repository = "registry.example/team-%d/service-%d".formatted(image % 50, image);
        filler.name(repository + ":v1." + image, target);
        filler.name(repository + "@" + target.digest(), target);
        filler.name(config.digest().toString(), target);
    }

    private static String json(Descriptor descriptor) {
        return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
                .formatted(descriptor.mediaType(), descriptor.digest(), descriptor.sizeBytes());
    }

    private static Descriptor put(ContainerdFiller filler, MediaType type, String text) throws Exception {
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        Digest digest = Digest.ofSha256(content);
        filler.put(digest, content);
        return Descriptor.of(type, digest, content.length);
    }

    private static void measure(ContainerdDaemon daemon) throws Exception {
        ExecutorService tasks = Executors.newCachedThreadPool();
        try (ContainerdStore store = ContainerdStore.open(daemon.config(), tasks)) {
            long start = System.nanoTime();
            while (!store.status().ready()) {
                Thread.sleep(1);
            }
            try (StoreWatch watch = store.watch()) {
                System.out.printf(
                        "snapshot of %d contents and %d tags after %d ms%n",
                        watch.snapshot().content().size(),
                        watch.snapshot().tags().size(),
                        (System.nanoTime() - start) / 1_000_000);
                report("at once", daemon);
                Thread.sleep(Duration.ofSeconds(45).toMillis()); // the looks that follow a connection are over by then
                System.gc();
                report("after 45 s", daemon);
                long before = cpuMillis();
                Thread.sleep(Duration.ofSeconds(30).toMillis());
                System.out.printf("CPU in 30 s with nothing to do: %d ms%n", cpuMillis() - before);
                oneMore(daemon, watch);
                report("at the end", daemon);
            }
        } finally {
            tasks.shutdownNow();
        }
    }

    private static void oneMore(ContainerdDaemon daemon, StoreWatch watch) throws Exception {
        try (ContainerdFiller filler = new ContainerdFiller(daemon, ContainerdFixture.NAMESPACE)) {
            long cpu = cpuMillis();
            List<Long> waits = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                byte[] content = ("one more " + System.nanoTime()).getBytes(StandardCharsets.UTF_8);
                filler.put(Digest.ofSha256(content), content);
                long committed = System.nanoTime();
                if (watch.next(Duration.ofSeconds(10)).isEmpty()) {
                    throw new IllegalStateException("new content doesn't show");
                }
                waits.add((System.nanoTime() - committed) / 1_000_000);
            }
            waits.sort(null);
            System.out.printf(
                    "from commit to event: median %d ms, longest %d ms; CPU for each of 20: %d ms%n",
                    waits.get(waits.size() / 2), waits.get(waits.size() - 1), (cpuMillis() - cpu) / 20);
        }
    }

    private static long cpuMillis() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                        .getProcessCpuTime()
                / 1_000_000;
    }

    private static void report(String when, ContainerdDaemon daemon) throws Exception {
        Runtime runtime = Runtime.getRuntime();
        System.out.printf(
                "%s: heap used %d of %d MiB, own CPU %d ms, containerd's %s%n",
                when,
                (runtime.totalMemory() - runtime.freeMemory()) >> 20,
                runtime.maxMemory() >> 20,
                cpuMillis(),
                daemon.cpuTime());
    }
}
