/**
 * What a node sees of its network and says of itself, for people to look at: as JSON below {@code /debug/api}, and to the commands
 * {@code lookup}, {@code peers} and {@code doctor}.
 *
 * <p>Open {@link dev.spegel.agent.inspect.NetworkView} first.
 */
@NullMarked
package dev.spegel.agent.inspect;

import org.jspecify.annotations.NullMarked;
