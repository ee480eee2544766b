/**
 * Finds content in a Kademlia DHT, the one that the Go implementation speaks. Open {@link dev.spegel.routing.dht.DhtRouter}.
 */
@NullMarked
package dev.spegel.routing.dht;

import org.jspecify.annotations.NullMarked;
