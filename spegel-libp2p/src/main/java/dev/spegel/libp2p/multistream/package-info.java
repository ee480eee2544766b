/**
 * multistream-select 1.0: how two peers agree on the protocol of a connection or stream. Open
 * {@link dev.spegel.libp2p.multistream.Negotiation} first. Pure: no I/O, no threads, no clock.
 */
@NullMarked
package dev.spegel.libp2p.multistream;

import org.jspecify.annotations.NullMarked;
