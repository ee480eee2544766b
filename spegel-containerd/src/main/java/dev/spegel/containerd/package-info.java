/** The content that a containerd keeps, as a content store. Open {@link ContainerdStore} first. */
@NullMarked
package dev.spegel.containerd;

import org.jspecify.annotations.NullMarked;
