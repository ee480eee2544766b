package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The searches that users have asked for, each with its listener. To be used on the event loop, but for {@link Search#cancel}. */
final class Searches {
    private static final Logger log = LoggerFactory.getLogger(Searches.class);

    private final KadNode node;
    private final LongSupplier nanoClock;
    private final Loop loop;
    private final Map<Long, Running> running = new HashMap<>();

    /** Does something on the event loop, and a step after it; or the other if the DHT is closed. From any thread. */
    interface Loop {
        void submit(Runnable action, Runnable ifClosed);
    }

    Searches(KadNode node, LongSupplier nanoClock, Loop loop) {
        this.node = node;
        this.nanoClock = nanoClock;
        this.loop = loop;
    }

    /**
     * Begins one, soon after the return. From any thread.
     *
     * @param forClosest whether the listener wants the peers nearest to the key, rather than providers
     * @param start has the node begin it, and returns its number
     */
    Search begin(SearchListener listener, boolean forClosest, LongSupplier start) {
        Running search = new Running(listener, forClosest);
        loop.submit(() -> search.start(start), search::closed);
        return search;
    }

    void found(KadAction.Found found) {
        Running search = running.get(found.lookupId());
        if (search != null) {
            search.found(found.provider(), found.addresses());
        }
    }

    void finished(KadAction.Finished finished) {
        Running search = running.remove(finished.lookupId());
        if (search != null) {
            search.finished(finished);
        }
    }

    /** Ends all. */
    void close() {
        List.copyOf(running.values()).forEach(Running::closed);
        running.clear();
    }

    private final class Running implements Search {
        private final SearchListener listener;
        private final boolean forClosest;
        private long id;
        private volatile boolean over;

        Running(SearchListener listener, boolean forClosest) {
            this.listener = listener;
            this.forClosest = forClosest;
        }

        void start(LongSupplier start) {
            if (!over) {
                id = start.getAsLong();
                running.put(id, this);
            }
        }

        @Override
        public void cancel() {
            if (!over) {
                over = true;
                loop.submit(
                        () -> {
                            if (running.remove(id, this)) {
                                node.cancel(id);
                            }
                        },
                        () -> {});
            }
        }

        void found(PeerId peer, List<Multiaddr> addresses) {
            tell(() -> listener.found(peer, addresses));
        }

        void finished(KadAction.Finished finished) {
            if (forClosest) {
                finished.closest().forEach(peer -> found(peer, node.addresses(peer, nanoClock.getAsLong())));
            }
            end(finished.complete());
        }

        void closed() {
            end(false);
        }

        private void end(boolean complete) {
            tell(() -> listener.ended(complete));
            over = true;
        }

        private void tell(Runnable call) {
            if (!over) {
                try {
                    call.run();
                } catch (RuntimeException e) {
                    log.error("a search's listener failed", e);
                }
            }
        }
    }
}
