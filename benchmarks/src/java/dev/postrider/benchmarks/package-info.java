/** Measurements: what the store costs Redis, and micro-benchmarks of pure code on a job's way. */
@NullMarked
package dev.postrider.benchmarks;

import org.jspecify.annotations.NullMarked;
