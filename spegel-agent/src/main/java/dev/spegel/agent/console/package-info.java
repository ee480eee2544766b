/** What commands print with. */
@NullMarked
package dev.spegel.agent.console;

import org.jspecify.annotations.NullMarked;
