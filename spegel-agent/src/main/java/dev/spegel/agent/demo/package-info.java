/**
 * {@code spegel demo}: three nodes in one process, and an image that travels between them.
 *
 * <p>Open {@link dev.spegel.agent.demo.Demo} first.
 */
@NullMarked
package dev.spegel.agent.demo;

import org.jspecify.annotations.NullMarked;
