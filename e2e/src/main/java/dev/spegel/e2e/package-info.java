/**
 * The main job end to end: three hosts, each with its own containerd and agent, and a registry that goes away. Start with {@link
 * dev.spegel.e2e.EndToEnd}; what is done and checked is in {@link dev.spegel.e2e.Scenario}.
 */
@NullMarked
package dev.spegel.e2e;

import org.jspecify.annotations.NullMarked;
