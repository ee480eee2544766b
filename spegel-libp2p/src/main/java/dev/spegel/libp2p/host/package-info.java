/**
 * What joins the layers into a node. So far the messages by which peers introduce themselves: open {@link
 * dev.spegel.libp2p.host.Identify}.
 */
@NullMarked
package dev.spegel.libp2p.host;

import org.jspecify.annotations.NullMarked;
