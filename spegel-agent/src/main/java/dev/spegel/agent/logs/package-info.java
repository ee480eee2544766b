/**
 * What this process logs, how much of it, and in which form.
 *
 * <p>Open {@link dev.spegel.agent.logs.LogBackend} first.
 */
@NullMarked
package dev.spegel.agent.logs;

import org.jspecify.annotations.NullMarked;
