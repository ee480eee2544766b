package dev.spegel.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.routing.PeerAddress;
import dev.spegel.routing.Router;
import dev.spegel.routing.RoutingException;
import dev.spegel.testkit.RouterContract;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThirtyLineRouterTest extends RouterContract {
    @TempDir
    private Path shared;

    @Override
    protected Network networkOf(int nodes) throws RoutingException {
        List<Router> routers = new ArrayList<>();
        for (int node = 0; node < nodes; node++) {
            routers.add(new ThirtyLineRouter(shared, address(node)));
        }
        return new Network() {
            @Override
            public Router router(int node) {
                return routers.get(node);
            }

            @Override
            public String peerId(int node) {
                return address(node).toString();
            }

            @Override
            public void close() {
                routers.forEach(Router::close);
            }
        };
    }

    private static PeerAddress address(int node) {
        return new PeerAddress("127.0.0.1", 5000 + node);
    }

    @Test
    void theProgramFindsTheNodeThatHasTheContent() throws Exception {
        assertThat(StandardOut.during(() -> ThirtyLineRouter.main(new String[] {shared.toString()})))
                .contains("Found", "127.0.0.1:5001");
    }
}
