/**
 * Finds the nodes of a cluster that hold content, and tells them what this one holds.
 *
 * <p>Open {@link dev.spegel.routing.Router} first.
 */
@NullMarked
package dev.spegel.routing;

import org.jspecify.annotations.NullMarked;
