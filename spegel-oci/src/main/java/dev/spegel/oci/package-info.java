/**
 * The values of the OCI image and distribution specifications: names, digests, descriptors, manifests, ranges and errors.
 *
 * <p>Open {@link dev.spegel.oci.Reference} and {@link dev.spegel.oci.Digest} first. Everything here is an immutable value that
 * checks itself; nothing does I/O.
 */
@NullMarked
package dev.spegel.oci;

import org.jspecify.annotations.NullMarked;
