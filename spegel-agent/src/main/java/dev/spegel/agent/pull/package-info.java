/**
 * Pulls images through an agent's mirror as containerd would, into any place that takes them.
 *
 * <p>Open {@link dev.spegel.agent.pull.PullClient} first.
 */
@NullMarked
package dev.spegel.agent.pull;

import org.jspecify.annotations.NullMarked;
