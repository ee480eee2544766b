/**
 * Looks at a node as an experienced operator would, and says what is wrong and what to do about it.
 *
 * <p>First all facts are collected, at once and each within a limit ({@link dev.spegel.agent.doctor.Survey}); then each {@link
 * dev.spegel.agent.doctor.Check} judges them by itself, without I/O. Open {@link dev.spegel.agent.doctor.Doctor} first.
 */
@NullMarked
package dev.spegel.agent.doctor;

import org.jspecify.annotations.NullMarked;
