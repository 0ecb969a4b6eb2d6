/**
 * The nouns: what a job, its options, its attempts and its failures are, as plain values that
 * depend on nothing but the JDK and {@code Buffer}.
 */
@NullMarked
package dev.postrider.job;

import org.jspecify.annotations.NullMarked;
