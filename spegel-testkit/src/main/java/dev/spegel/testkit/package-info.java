/**
 * What whoever writes a content store or a router needs to test it: the contracts, sample images, and peers that misbehave.
 *
 * <p>Open {@link dev.spegel.testkit.ContentStoreContract}, {@link dev.spegel.testkit.SampleImages} and
 * {@link dev.spegel.testkit.FaultyPeer} first.
 */
@NullMarked
package dev.spegel.testkit;

import org.jspecify.annotations.NullMarked;
