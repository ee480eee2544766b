package dev.spegel.agent.cli;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.BootstrapConfig;
import dev.spegel.agent.DhtNode;
import dev.spegel.agent.inspect.DhtView;
import dev.spegel.agent.inspect.NetworkView;
import dev.spegel.libp2p.pnet.PreSharedKey;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Through whose eyes a command looks at the network. */
sealed interface ViewSource {
    /** Looks, and tidies up. */
    <T> T look(Look<T> look) throws IOException, InterruptedException;

    /** What is done, for people: {@code Asked the agent at …}. */
    String sentence();

    /** A look at the network. */
    interface Look<T> {
        T at(NetworkView view) throws IOException, InterruptedException;
    }

    /** A running agent's. */
    record OfAgent(AskedAgent agent) implements ViewSource {
        public OfAgent {
            requireNonNull(agent, "agent");
        }

        @Override
        public <T> T look(Look<T> look) throws IOException, InterruptedException {
            return agent.ask(look::at);
        }

        @Override
        public String sentence() {
            return agent.sentence();
        }
    }

    /**
     * That of a node which joins the DHT for a moment, and only asks.
     *
     * @param peerPort the DHT's port of nodes of which only the address is known
     * @param preSharedKey of a private network
     */
    record OfOwnNode(BootstrapConfig bootstrap, int peerPort, Optional<PreSharedKey> preSharedKey)
            implements ViewSource {
        /** Milliseconds, unless many of the first nodes are gone. */
        private static final Duration JOIN_LIMIT = Duration.ofSeconds(15);

        /** While nobody new turns up for so long, the first nodes have told of all they know. */
        private static final Duration QUIET = Duration.ofMillis(300);

        private static final Duration POLL_INTERVAL = Duration.ofMillis(10);

        public OfOwnNode {
            requireNonNull(bootstrap, "bootstrap");
            requireNonNull(preSharedKey, "preSharedKey");
        }

        @Override
        public <T> T look(Look<T> look) throws IOException, InterruptedException {
            try (DhtNode node = DhtNode.join(bootstrap, peerPort, preSharedKey)) {
                awaitPeers(node);
                return look.at(new DhtView(node.router(), System::nanoTime));
            }
        }

        private static void awaitPeers(DhtNode node) throws IOException, InterruptedException {
            long start = System.nanoTime();
            long grown = start;
            int known = 0;
            while (known == 0 || System.nanoTime() - grown < QUIET.toNanos()) {
                if (System.nanoTime() - start > JOIN_LIMIT.toNanos()) {
                    if (known > 0) {
                        return;
                    }
                    throw new IOException("nobody was met through %s within %d s; --log-level DEBUG says more"
                            .formatted(node.bootstrapSource(), JOIN_LIMIT.toSeconds()));
                }
                Thread.sleep(POLL_INTERVAL.toMillis());
                int now = node.router().stats().peers();
                if (now > known) {
                    known = now;
                    grown = System.nanoTime();
                }
            }
        }

        @Override
        public String sentence() {
            return "Joined the DHT for a moment, through "
                    + bootstrap.open(Runnable::run).toString();
        }
    }
}
