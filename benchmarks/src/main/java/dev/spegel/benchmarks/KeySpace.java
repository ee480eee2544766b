package dev.spegel.benchmarks;

import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.kad.KadKey;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which nodes of a network keep the record of a key: the 20 nearest to it, other than the one that announces it (libp2p/specs,
 * kad-dht/README.md#distance). A look-up there is answered from memory and says nothing about the network.
 */
final class KeySpace {
    private static final int HOLDERS = 20;

    private final List<BigInteger> positions;

    KeySpace(List<PeerId> nodes) {
        positions = nodes.stream().map(id -> position(id.toBytes())).toList();
    }

    /** Whether this node keeps the record of another's key. Nodes are counted as they were given. */
    boolean holds(int node, KadKey key, int owner) {
        BigInteger target = position(key.toBytes());
        List<Integer> others = new ArrayList<>();
        for (int other = 0; other < positions.size(); other++) {
            if (other != owner) {
                others.add(other);
            }
        }
        others.sort(Comparator.comparing(other -> positions.get(other).xor(target)));
        return others.indexOf(node) < HOLDERS;
    }

    private static BigInteger position(byte[] bytes) {
        try {
            return new BigInteger(1, MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
