package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.util.List;
import java.util.Random;

/** Peers for tests. */
final class Peers {
    private Peers() {}

    /** An ID as an Ed25519 key gives it. Nobody checks that these bytes are a point of the curve. */
    static PeerId random(Random random) {
        byte[] id = new byte[38];
        random.nextBytes(id);
        byte[] head = {0x00, 0x24, 0x08, 0x01, 0x12, 0x20};
        System.arraycopy(head, 0, id, 0, head.length);
        return PeerId.fromBytes(id);
    }

    static KadKey randomKey(Random random) {
        byte[] key = new byte[34];
        random.nextBytes(key);
        key[0] = 0x12;
        key[1] = 0x20;
        return KadKey.of(key);
    }

    static List<Multiaddr> address(int number) {
        return List.of(Multiaddr.parse(
                "/ip4/10.%d.%d.%d/tcp/5001".formatted(number >> 16 & 0xff, number >> 8 & 0xff, number & 0xff)));
    }
}
