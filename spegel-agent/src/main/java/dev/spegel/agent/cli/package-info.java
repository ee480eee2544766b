/**
 * The command line: commands, flags and environment, and what they turn into. The only package that reads flags, environment
 * variables and files of settings.
 *
 * <p>Open {@link dev.spegel.agent.cli.Main} first, then {@code RegistrySettings}, which holds all rules for the agent's flags.
 */
@NullMarked
package dev.spegel.agent.cli;

import org.jspecify.annotations.NullMarked;
