/**
 * Self-describing values as they travel in libp2p: variable-length integers, hashes, content identifiers, text
 * encodings of bytes, and network addresses. Start with {@link dev.spegel.libp2p.multiformats.Varint}.
 */
@NullMarked
package dev.spegel.libp2p.multiformats;

import org.jspecify.annotations.NullMarked;
