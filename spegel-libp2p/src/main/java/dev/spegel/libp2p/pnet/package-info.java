/**
 * Private networks: all bytes of a connection are encrypted with a key that all nodes of a network share, before anything else is
 * said (libp2p/specs, pnet/Private-Networks-PSK-V1.md). Who has another key or none gets nothing but noise.
 */
@NullMarked
package dev.spegel.libp2p.pnet;

import org.jspecify.annotations.NullMarked;
