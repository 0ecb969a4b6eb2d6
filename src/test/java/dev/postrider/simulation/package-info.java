/**
 * The oracle and the simulation: what the store means, in plain Java without Redis, and seeded
 * random histories that hold the real store against it.
 */
@NullMarked
package dev.postrider.simulation;

import org.jspecify.annotations.NullMarked;
