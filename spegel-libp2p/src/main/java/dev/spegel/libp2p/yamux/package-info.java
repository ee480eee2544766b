/**
 * yamux: many streams over one connection, each with its own flow control. Open {@link dev.spegel.libp2p.yamux.YamuxSession}
 * first. Pure: no I/O, no threads, no clock.
 *
 * <p>Format: hashicorp/yamux, spec.md, with the changes of libp2p specs, yamux/README.md, and the behaviour of go-yamux v5,
 * the peer that there are most of. What makes that one end a whole connection is avoided here: frames are well-formed, stream
 * numbers have our parity and are never used twice, no data goes beyond the granted window, pings are answered before anything
 * else, and a GoAway is sent only to end.
 */
@NullMarked
package dev.spegel.libp2p.yamux;

import org.jspecify.annotations.NullMarked;
