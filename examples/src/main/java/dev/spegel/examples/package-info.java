/**
 * Small programs that use the modules.
 *
 * <p>Open {@link dev.spegel.examples.EmbedRegistryHandler} first.
 */
@NullMarked
package dev.spegel.examples;

import org.jspecify.annotations.NullMarked;
