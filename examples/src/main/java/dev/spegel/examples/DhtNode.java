package dev.spegel.examples;

import dev.spegel.libp2p.host.Host;
import dev.spegel.libp2p.host.HostConfig;
import dev.spegel.libp2p.host.HostThreads;
import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.kad.KadDht;
import dev.spegel.libp2p.kad.KadDhtConfig;
import dev.spegel.libp2p.kad.KadKey;
import dev.spegel.libp2p.kad.SearchListener;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A node of a libp2p DHT, without anything of Spegel's: it announces that it has something, and finds who has. Other nodes may be
 * programs in Go, JavaScript or Rust.
 */
public final class DhtNode implements AutoCloseable {
    private final Host host;
    private final KadDht dht;

    /** Listens on a port that the system chooses, of the loopback interface. The threads stay the caller's to close. */
    public DhtNode(HostThreads threads) throws Exception {
        HostConfig config = HostConfig.builder()
                .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .agentVersion("example/1.0")
                .build();
        host = Host.create(KeyPair.generate(), config, threads);
        // Nodes with the same prefix are a network. "/ipfs" would be the public one.
        dht = KadDht.on(host, KadDhtConfig.DEFAULTS.withPrefix("/example"), System::nanoTime);
        host.start().get(10, TimeUnit.SECONDS);
    }

    /** Where others can meet this node. */
    public Multiaddr address() {
        return host.addresses().get(0).withPeer(host.peerId().multihash());
    }

    /** Meets another node, and through it the rest of the network. */
    public void join(Multiaddr other) throws Exception {
        host.connect(other).get(10, TimeUnit.SECONDS);
        dht.refresh();
    }

    /** Announces that this node has what the name stands for, until it is closed. */
    public void provide(String name) throws Exception {
        dht.provide(List.of(KadKey.ofText(name))).get(30, TimeUnit.SECONDS);
    }

    /** The first node that is found to have it. */
    public PeerId find(String name) throws Exception {
        CompletableFuture<PeerId> first = new CompletableFuture<>();
        dht.findProviders(KadKey.ofText(name), 1, new SearchListener() {
            @Override
            public void found(PeerId peer, List<Multiaddr> addresses) {
                first.complete(peer);
            }

            @Override
            public void ended(boolean complete) {
                first.completeExceptionally(new IllegalStateException("nobody has " + name));
            }
        });
        return first.get(30, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        dht.close();
        host.close();
    }

    /** Three nodes: the second and the third meet the first, and the third finds what the second has. */
    public static void main(String[] arguments) throws Exception {
        try (HostThreads threads = HostThreads.create("example", 1, 1);
                DhtNode first = new DhtNode(threads);
                DhtNode second = new DhtNode(threads);
                DhtNode third = new DhtNode(threads)) {
            second.join(first.address());
            third.join(first.address());
            second.provide("a song");
            System.out.printf("%s has a song: %s%n", second.address(), third.find("a song"));
        }
    }
}
