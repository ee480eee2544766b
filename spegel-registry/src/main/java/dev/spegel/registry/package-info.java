/** To be described. */
@NullMarked
package dev.spegel.registry;

import org.jspecify.annotations.NullMarked;
