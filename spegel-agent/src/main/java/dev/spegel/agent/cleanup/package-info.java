/**
 * Uninstalling: each node says when its containerd has been given back its configuration, and one process waits until all have. Open
 * {@link dev.spegel.agent.cleanup.CleanupEndpoint} and {@link dev.spegel.agent.cleanup.CleanupWait}.
 */
@NullMarked
package dev.spegel.agent.cleanup;

import org.jspecify.annotations.NullMarked;
