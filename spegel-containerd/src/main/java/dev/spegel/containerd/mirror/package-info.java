/**
 * Tells containerd to ask a mirror before the registry: the files {@code hosts.toml} in the directory that its setting
 * {@code config_path} names, one a registry. Open {@link dev.spegel.containerd.mirror.MirrorDirectory} first;
 * {@link dev.spegel.containerd.mirror.MirrorConfiguration} says what to write there.
 *
 * <p>Format: containerd's docs/hosts.md. Where releases from 1.6 to 2.3 differ, what is written here is what all of them understand.
 */
@NullMarked
package dev.spegel.containerd.mirror;

import org.jspecify.annotations.NullMarked;
