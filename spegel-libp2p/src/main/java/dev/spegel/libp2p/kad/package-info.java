/**
 * The libp2p Kademlia DHT ({@code kad-dht}) as pure logic: no I/O, no threads, no clock. Whoever drives it hands in messages,
 * failures and the time, and carries out what comes back.
 *
 * <p>Open {@link dev.spegel.libp2p.kad.KadNode} first: it is the whole node, and its {@link dev.spegel.libp2p.kad.KadAction}s
 * are what a host has to do. {@link dev.spegel.libp2p.kad.KadMessage} and {@link dev.spegel.libp2p.kad.FrameReader} are what
 * travels on a stream. Specification: libp2p/specs, kad-dht/README.md.
 *
 * <p>All times are {@code nowNanos} of one clock with an arbitrary origin, like {@link System#nanoTime}, that may wrap.
 */
@NullMarked
package dev.spegel.libp2p.kad;

import org.jspecify.annotations.NullMarked;
