/**
 * The agent that runs on every node: what it consists of, how the parts are put together, and what it measures.
 *
 * <p>Open {@link dev.spegel.agent.Agent} first: its one wiring method is the map of the program.
 */
@NullMarked
package dev.spegel.agent;

import org.jspecify.annotations.NullMarked;
