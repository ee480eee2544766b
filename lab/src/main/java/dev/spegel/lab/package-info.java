/**
 * A small laboratory on one Linux machine: hosts made of network namespaces ({@link dev.spegel.lab.VirtualNetwork}), and real
 * programs that run on them ({@link dev.spegel.lab.Daemon}, {@link dev.spegel.lab.Containerd}). It takes root.
 */
@NullMarked
package dev.spegel.lab;

import org.jspecify.annotations.NullMarked;
