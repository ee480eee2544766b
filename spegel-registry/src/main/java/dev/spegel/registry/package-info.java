/**
 * Serves a {@link dev.spegel.oci.store.ContentStore} over the OCI distribution API and mirrors what it lacks from the peers that a
 * {@link dev.spegel.routing.Router} finds. Open {@link dev.spegel.registry.RegistryHandler} first.
 */
@NullMarked
package dev.spegel.registry;

import org.jspecify.annotations.NullMarked;
