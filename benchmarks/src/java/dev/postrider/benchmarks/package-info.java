/** Micro-benchmarks of pure code on the way of a job. */
@NullMarked
package dev.postrider.benchmarks;

import org.jspecify.annotations.NullMarked;
