/**
 * Finds content in a Kademlia DHT, the one that the Go implementation speaks. Open {@code DhtRouter}.
 */
@NullMarked
package dev.spegel.routing.dht;

import org.jspecify.annotations.NullMarked;
