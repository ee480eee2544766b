/**
 * Where a node finds its first peers: from DNS, over HTTP, or in a list. Open {@link dev.spegel.routing.bootstrap.Bootstrapper}.
 */
@NullMarked
package dev.spegel.routing.bootstrap;

import org.jspecify.annotations.NullMarked;
