/**
 * Who a node is: its key, the peer ID that follows from it, and what it signs. Open {@link
 * dev.spegel.libp2p.identity.KeyPair} for one's own identity, {@link dev.spegel.libp2p.identity.PublicKey} for others'.
 */
@NullMarked
package dev.spegel.libp2p.identity;

import org.jspecify.annotations.NullMarked;
