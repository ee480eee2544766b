/**
 * How containerd is configured to pull the images of Kubernetes, read from its configuration files. Nothing here changes them.
 *
 * <p>Open {@link dev.spegel.containerd.cri.ConfigFiles} first.
 */
@NullMarked
package dev.spegel.containerd.cri;

import org.jspecify.annotations.NullMarked;
