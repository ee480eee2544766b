/**
 * What a person needs of a running agent to find out what it does: its logs' level, its threads, its memory, a recording of the JVM.
 * For callers on the node only, below {@code /debug/api}.
 *
 * <p>Open {@link dev.spegel.agent.support.SupportHandler} first.
 */
@NullMarked
package dev.spegel.agent.support;

import org.jspecify.annotations.NullMarked;
