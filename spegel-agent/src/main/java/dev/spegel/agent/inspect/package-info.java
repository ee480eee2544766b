/**
 * What a node sees of its network, for people to look at: as JSON below {@code /debug/api}, and to the commands {@code lookup} and
 * {@code peers}.
 *
 * <p>Open {@link dev.spegel.agent.inspect.NetworkView} first.
 */
@NullMarked
package dev.spegel.agent.inspect;

import org.jspecify.annotations.NullMarked;
