/**
 * The debug page, {@code /debug/web/}: what {@link dev.spegel.agent.inspect} tells, for a browser. It is written on the server and
 * works without a script; one script keeps it up to date.
 *
 * <p>Open {@link dev.spegel.agent.web.DebugPageHandler} first. All that comes from others goes through {@code Html}, which is the one
 * place that writes markup.
 */
@NullMarked
package dev.spegel.agent.web;

import org.jspecify.annotations.NullMarked;
