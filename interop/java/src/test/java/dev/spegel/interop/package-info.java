/**
 * Runs our node beside go-libp2p and js-libp2p, each in a network namespace of its own.
 *
 * <p>{@link dev.spegel.interop.Network} makes the namespaces, {@link dev.spegel.interop.Peer} is a program in one of them, and
 * {@link dev.spegel.interop.Program} says which.
 */
@NullMarked
package dev.spegel.interop;

import org.jspecify.annotations.NullMarked;
