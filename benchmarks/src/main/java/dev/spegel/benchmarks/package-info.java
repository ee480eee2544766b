/** Measures the agent beside a reference in the same run. Open {@link dev.spegel.benchmarks.Bench} first. */
@NullMarked
package dev.spegel.benchmarks;

import org.jspecify.annotations.NullMarked;
