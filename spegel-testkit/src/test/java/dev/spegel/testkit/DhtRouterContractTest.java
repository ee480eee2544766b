package dev.spegel.testkit;

import dev.spegel.routing.Router;
import dev.spegel.routing.dht.DhtRouter;
import java.util.ArrayList;
import java.util.List;

class DhtRouterContractTest extends RouterContract {
    /** The first knows nobody, and the others where it is. Records live for 3 s, so that withdrawals show. */
    @Override
    protected Network networkOf(int count) throws Exception {
        DhtNodes nodes = new DhtNodes(System::nanoTime);
        List<DhtRouter> routers = new ArrayList<>();
        boolean whole = false;
        try {
            for (int node = 0; node < count; node++) {
                routers.add(nodes.start(
                        DhtNodes.shortLived(5000 + node), node == 0 ? DhtNodes.nobody() : DhtNodes.at(routers.get(0))));
            }
            // Who advertises to nobody fails, so they meet first.
            for (DhtRouter router : routers) {
                DhtNodes.awaitSoon("all know all", () -> router.stats().peers() == count - 1);
            }
            whole = true;
        } finally {
            if (!whole) {
                nodes.close();
            }
        }
        return new Network() {
            @Override
            public Router router(int node) {
                return routers.get(node);
            }

            @Override
            public String peerId(int node) {
                return routers.get(node).peerId().toString();
            }

            @Override
            public void close() {
                nodes.close();
            }
        };
    }
}
