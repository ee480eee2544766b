/** To be described. */
@NullMarked
package dev.spegel.testkit;

import org.jspecify.annotations.NullMarked;
