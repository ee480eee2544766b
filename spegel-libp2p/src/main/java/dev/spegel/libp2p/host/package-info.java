/**
 * What joins the layers into a node: connections, streams, and the protocols by which peers introduce themselves. Open {@link
 * dev.spegel.libp2p.host.Host}.
 */
@NullMarked
package dev.spegel.libp2p.host;

import org.jspecify.annotations.NullMarked;
