package dev.spegel.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** All of them on loopback, as fast as the machine can. */
final class LoopbackHerd implements Herd {
    private final List<MeasuredProcess> holders = new ArrayList<>();
    private final List<MeasuredProcess> nodes = new ArrayList<>();

    private LoopbackHerd() {}

    static LoopbackHerd start(AgentStarter starter, int holders, int nodes, Path layout, Path empty)
            throws IOException, InterruptedException {
        LoopbackHerd herd = new LoopbackHerd();
        boolean started = false;
        try {
            for (int i = 0; i < holders; i++) {
                herd.holders.add(starter.start("holder " + i, layout, List.of()));
            }
            List<InetSocketAddress> peers =
                    herd.holders.stream().map(MeasuredProcess::address).toList();
            for (int i = 0; i < nodes; i++) {
                herd.nodes.add(starter.start("node " + i, empty, peers));
            }
            started = true;
            return herd;
        } finally {
            if (!started) {
                herd.close();
            }
        }
    }

    @Override
    public List<String> holders() {
        return holders.stream()
                .map(holder -> "127.0.0.1:" + holder.address().getPort())
                .toList();
    }

    @Override
    public List<Integer> ports() {
        return nodes.stream().map(node -> node.address().getPort()).toList();
    }

    @Override
    public HerdLoad.Result run(HerdLoad load) throws Exception {
        return load.run();
    }

    @Override
    public void close() {
        nodes.forEach(MeasuredProcess::close);
        holders.forEach(MeasuredProcess::close);
    }
}
