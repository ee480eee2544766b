/**
 * Where image content lies: what a store promises, and two that need no container runtime.
 *
 * <p>Open {@link dev.spegel.oci.store.ContentStore} first.
 */
@NullMarked
package dev.spegel.oci.store;

import org.jspecify.annotations.NullMarked;
